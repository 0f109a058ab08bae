using System.Collections.Immutable;
using System.Globalization;
using Templater.Acme;
using Templater.Acme.Dns.Providers;
using Templater.Acme.Protocol;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>Puts the settings about certificates to be obtained together. What contradicts itself becomes a problem; no message holds a credential.</summary>
/// <param name="values">The settings, each of them legal.</param>
/// <param name="file">The sections of the file.</param>
/// <param name="variables">The variables of the process: credentials of DNS providers have the names that lego documents.</param>
/// <param name="problems">Where problems go.</param>
/// <param name="warnings">Where warnings go.</param>
internal sealed class AcmePlanReader(SettingValues values, FileLayer file, IReadOnlyDictionary<string, string> variables, SettingsProblems problems, List<Finding> warnings)
{
    private const string FileSuffix = "_FILE";
    private const int MaxNameLength = 40;

    /// <summary>The plan; null when no certificates are obtained, or there are problems.</summary>
    /// <param name="kinds">The proxies of all outputs.</param>
    public AcmePlan? Read(IEnumerable<ProxyKind> kinds)
    {
        var isDefault = CertificateSettings.AreWanted(values);
        var authorities = Authorities();
        var preferred = Preferred(authorities);
        var dns = Providers();
        var usual = DefaultDns(dns);
        var proxies = kinds.ToArray();
        CheckForms(proxies);
        CheckPlaceholder(proxies, isDefault || values.Get(CertificateSettings.Email).Length > 0);
        // Whoever turned it off, and left the rest in place, may still turn it on by label.
        if (!isDefault && values.Get(CertificateSettings.Email).Length == 0 && file.Certificates is [var unwanted, ..])
            problems.Add($"{unwanted.Place}: {CertificatesSection.Name}: no certificates are obtained without {CertificateSettings.Email.Path}. Set it; that accepts the CA's terms.");
        if ((!isDefault && values.Get(CertificateSettings.Email).Length == 0) || problems.Any || preferred.IsEmpty || usual is { IsUnknown: true })
            return null;
        CheckChallenge(usual?.Name);
        CheckTls(proxies);
        authorities = Bound(authorities, preferred);
        var certificates = Certificates(preferred, authorities, dns, usual?.Name);
        var (profile, isRequired) = CertificateSettings.ProfileOf(values);
        return new AcmePlan
        {
            Policy = new AcmePolicy
            {
                IsDefault = isDefault,
                Preferred = preferred,
                Authorities = authorities.ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value.Directory, StringComparer.Ordinal),
                Dns = [.. dns.Keys.Order(StringComparer.Ordinal)],
                Challenge = Challenge,
                Webroot = values.Get(CertificateSettings.Webroot) is { Length: > 0 } webroot ? webroot : null,
                Listen = values.Get(CertificateSettings.Listen),
                ProvesByTls = Challenge == ChallengeType.TlsAlpn01 || certificates.Any(static certificate => certificate.Challenge == ChallengeType.TlsAlpn01),
                DefaultDns = usual?.Name,
                Profile = profile,
                RequiresProfile = isRequired,
                Wildcards = values.Get(CertificateSettings.Wildcards),
                KeyType = values.Get(CertificateSettings.KeyTypes),
            },
            Authorities = authorities.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Named = [.. preferred.Concat(certificates.SelectMany(static certificate => certificate.Authorities)).Concat(file.Cas.Keys).Where(authorities.ContainsKey).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Dns = dns.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Certificates = certificates,
            Propagation = values.Get(CertificateSettings.DnsCheck),
            Renewal = new RenewalPolicy { FractionLeft = values.Get(CertificateSettings.RenewLeft) },
            ReusesKeys = values.Get(CertificateSettings.ReuseKey),
            AllowsSubsets = values.Get(CertificateSettings.AllowSubset),
            PreferredRoot = values.Get(CertificateSettings.PreferredChain) is { Length: > 0 } root ? root : null,
            IsChecked = values.Get(CertificateSettings.Preflight),
            HasPlaceholder = values.Get(CertificateSettings.Placeholder),
            Store = new StoreOptions
            {
                Directory = values.Get(CertificateSettings.CertsDirectory),
                Layouts = values.Get(CertificateSettings.Layout) is not StoreLayouts.None and var layout ? layout : LayoutsOf(proxies),
                Mode = (int)values.Get(CertificateSettings.Mode),
                Owner = values.Get(CertificateSettings.Owner),
                Group = values.Get(CertificateSettings.GroupOfKeys),
                Keep = values.Get(CertificateSettings.Keep),
            },
        };
    }

    private ImmutableArray<AcmeChoice> Certificates(ImmutableArray<string> preferred, Dictionary<string, AcmeAuthority> authorities, Dictionary<string, AcmeDnsProvider> dns, string? usual)
    {
        var choices = ImmutableArray.CreateBuilder<AcmeChoice>();
        foreach (var definition in file.Certificates)
        {
            // Who names a provider means it.
            var challenge = definition.Challenge ?? (definition.Dns is not null ? ChallengeType.Dns01 : Challenge);
            var provider = challenge == ChallengeType.Dns01 ? definition.Dns?.Name ?? usual : null;
            foreach (var (place, name) in definition.Cas.Where(ca => !authorities.ContainsKey(ca.Name)))
                problems.Add($"{place}: {CertificatesSection.Name}.{definition.Names[0]}.ca: \"{VisibleText.Of(name)}\" is no CA that is known: expected one of {string.Join(", ", authorities.Keys.Order(StringComparer.Ordinal))}.");
            if (definition.Dns is { } named && !dns.ContainsKey(named.Name))
                problems.Add($"{named.Place}: {CertificatesSection.Name}.{definition.Names[0]}.dns: \"{VisibleText.Of(named.Name)}\" is no name of the section {DnsSection.Name}{(dns.Count == 0 ? "" : $": expected one of {string.Join(", ", dns.Keys.Order(StringComparer.Ordinal))}")}.");
            if (challenge == ChallengeType.Dns01 && provider is null)
                problems.Add($"{definition.Called}: {ChallengeType.Dns01} needs a DNS provider. Set dns there, or {CertificateSettings.Dns.Path}.");
            if (definition.Names.FirstOrDefault(static name => name.StartsWith("*.", StringComparison.Ordinal)) is { } wildcard && !AcmePolicy.ProvesWildcards(challenge))
                problems.Add($"{definition.Called}: {challenge} proves no wildcards, and {wildcard} is one. Set challenge there to {ChallengeType.Dns01} or {ChallengeType.DnsPersist01}.");
            var (profile, isRequired) = definition.Profile is { } text ? CertificateSettings.ProfileOf(text) : CertificateSettings.ProfileOf(values);
            choices.Add(new AcmeChoice
            {
                Names = definition.Names,
                Authorities = definition.Cas.IsEmpty ? preferred : [.. definition.Cas.Select(static ca => ca.Name).Distinct(StringComparer.Ordinal)],
                Challenge = challenge,
                Dns = provider,
                Profile = profile,
                RequiresProfile = isRequired,
                KeyType = definition.KeyType ?? values.Get(CertificateSettings.KeyTypes),
            });
        }

        return choices.ToImmutable();
    }

    // Who comes from Dotege, which proves everything by DNS, names no challenge.
    private string Challenge => values.Of(CertificateSettings.Dns).Layer == SettingLayer.Compat && !values.IsSet(CertificateSettings.Challenge)
        ? ChallengeType.Dns01
        : values.Get(CertificateSettings.Challenge);

    private StoreLayouts LayoutsOf(IEnumerable<ProxyKind> kinds)
    {
        var layouts = StoreLayouts.None;
        foreach (var kind in kinds)
            layouts |= kind == ProxyKind.HAProxy ? StoreLayouts.HAProxy
                : values.Get(EngineSettings.Compat) == CompatProgram.NginxProxy ? StoreLayouts.NginxProxy : StoreLayouts.Live;
        return layouts == StoreLayouts.None ? StoreLayouts.Live : layouts;
    }

    private Dictionary<string, AcmeAuthority> Authorities()
    {
        var (mail, bundle) = (values.Get(CertificateSettings.Email), values.Get(CertificateSettings.Bundle));
        var all = BuiltInAuthorities.All.ToDictionary(static authority => authority.Name, StringComparer.Ordinal);
        foreach (var (name, ca) in file.Cas)
            if ((ca.Url ?? all.GetValueOrDefault(name)?.Directory) is { } url)
                all[name] = (ca.Url is null ? all[name] : new AcmeAuthority(name, url)) with
                {
                    Staging = ca.Staging ?? (ca.Url is null ? all[name].Staging : null),
                    Contacts = ca.Email is { } own ? [own] : [],
                    Binding = Binding(ca.EabKid, ca.EabHmac, $"{ca.Place}: {CasSection.Name}.{name}"),
                    CaBundle = ca.Bundle,
                };
        foreach (var word in values.Get(CertificateSettings.Authorities))
            if (!all.ContainsKey(word) && CasSection.DirectoryUrl(word) is { } url && !all.Values.Any(known => known.Directory == url))
                all[NameOf(url, all)] = new AcmeAuthority(NameOf(url, all), url);
        foreach (var (name, authority) in all)
            all[name] = authority with
            {
                Contacts = authority.Contacts.IsDefaultOrEmpty && mail.Length > 0 ? [mail] : authority.Contacts.IsDefault ? [] : authority.Contacts,
                CaBundle = authority.CaBundle ?? (bundle.Length > 0 ? bundle : null),
            };
        return all;
    }

    private ImmutableArray<string> Preferred(Dictionary<string, AcmeAuthority> authorities)
    {
        var preferred = ImmutableArray.CreateBuilder<string>();
        foreach (var word in values.Get(CertificateSettings.Authorities))
            if ((authorities.ContainsKey(word) ? word : CasSection.DirectoryUrl(word) is { } url ? authorities.First(known => known.Value.Directory == url).Key : null) is { } name)
                preferred.Add(name);
            else
                problems.Add(
                    $"{CertificateSettings.Authorities.Path} ({values.Of(CertificateSettings.Authorities).Source}): \"{VisibleText.Of(word)}\" is no CA that is known: expected one of {string.Join(", ", authorities.Keys.Order(StringComparer.Ordinal))}, or the URL of a directory, https://….",
                    CertificateSettings.Authorities.Path);
        return [.. preferred.Distinct(StringComparer.Ordinal)];
    }

    // Labels choose by names: the URL's host is one, with a number where there are several of it.
    private static string NameOf(Uri url, Dictionary<string, AcmeAuthority> taken)
    {
        var host = string.Concat(url.Host.ToLowerInvariant().Select(static character => char.IsAsciiLetterOrDigit(character) ? character : '-')).Trim('-');
        for (var (name, number) = (Shortened(host, ""), 2); ; number++)
        {
            if (!taken.ContainsKey(name))
                return name;
            name = Shortened(host, string.Create(CultureInfo.InvariantCulture, $"-{number}"));
        }

        static string Shortened(string host, string suffix) => string.Concat(host.AsSpan(0, Math.Min(host.Length, MaxNameLength - suffix.Length)), suffix);
    }

    private Dictionary<string, AcmeAuthority> Bound(Dictionary<string, AcmeAuthority> authorities, ImmutableArray<string> preferred)
    {
        var (kid, hmac) = (values.Get(CertificateSettings.EabKid), values.Get(CertificateSettings.EabHmac));
        if (kid.Length == 0 && hmac.Length == 0)
            return authorities;
        if (kid.Length == 0 || hmac.Length == 0)
            problems.Add($"{CertificateSettings.EabKid.Path} and {CertificateSettings.EabHmac.Path} belong together; one of them is missing.", CertificateSettings.EabKid.Path);
        else if (preferred.Length > 1)
            problems.Add($"{CertificateSettings.EabKid.Path} is of one CA, and {CertificateSettings.Authorities.Path} names several: write eab_kid and eab_hmac at that CA in {CasSection.Name}.", CertificateSettings.EabKid.Path);
        else if (authorities[preferred[0]] is { Binding: null } authority)
            authorities[preferred[0]] = authority with { Binding = Binding(kid, hmac, CertificateSettings.EabHmac.Path) };
        return authorities;
    }

    private ExternalAccountBinding? Binding(string? kid, string? hmac, string place)
    {
        if (kid is null || hmac is null)
            return null;
        try
        {
            return new ExternalAccountBinding(kid, hmac);
        }
        catch (FormatException exception)
        {
            problems.Add($"{place}: {exception.Message}.");
            return null;
        }
    }

    private Dictionary<string, AcmeDnsProvider> Providers()
    {
        var all = new Dictionary<string, AcmeDnsProvider>(StringComparer.Ordinal);
        foreach (var (name, definition) in file.Dns)
            all[name] = new AcmeDnsProvider(name, definition.Provider, WithVariables(definition.Provider, definition.Values.ToBuilder()));
        var usual = values.Get(CertificateSettings.Dns);
        if (usual.Length > 0 && !all.ContainsKey(usual) && DnsSection.Find(usual) is { } provider)
            all[usual] = new AcmeDnsProvider(usual, provider, WithVariables(provider, ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal)));
        return all;
    }

    // What the file says of a provider beats the variables of the process, of which there is one set for each kind of provider.
    private ImmutableSortedDictionary<string, string> WithVariables(DnsProvider provider, ImmutableSortedDictionary<string, string>.Builder own)
    {
        foreach (var variable in provider.Variables)
            foreach (var name in variable.Alias is { } alias ? new[] { variable.Name, alias } : [variable.Name])
                if (!own.ContainsKey(name) && Variable(name) is { Length: > 0 } value)
                    own[name] = value;
        return own.ToImmutable();
    }

    private string? Variable(string name) =>
        variables.GetValueOrDefault(name)?.Trim() is { Length: > 0 } value ? value
        : variables.GetValueOrDefault(name + FileSuffix)?.Trim() is { Length: > 0 } path ? SettingFile.Read(path, name + FileSuffix, problems)
        : null;

    private Usual? DefaultDns(Dictionary<string, AcmeDnsProvider> known)
    {
        var name = values.Get(CertificateSettings.Dns);
        if (name.Length == 0)
            return null;
        if (known.ContainsKey(name))
            return new Usual(name, IsUnknown: false);
        var (setting, value) = (CertificateSettings.Dns, values.Of(CertificateSettings.Dns));
        var names = string.Join(", ", DnsProviders.All.Select(static provider => provider.Code).Concat(file.Dns.Keys).Distinct(StringComparer.Ordinal));
        var message = $"{setting.Path} ({value.Source}): \"{VisibleText.Of(name)}\" is no DNS provider that is known here: {names}; others can be called with exec or httpreq.";
        // Another program's variables never keep this one from starting.
        if (value.Layer == SettingLayer.Compat)
            warnings.Add(new Finding(FindingSeverity.Warning, ReasonIds.SettingNotInEffect, message + " No certificates are obtained.") { Label = setting.Path });
        else
            problems.Add(message, setting.Path);
        return new Usual(name, IsUnknown: true);
    }

    private void CheckForms(ProxyKind[] kinds)
    {
        if (values.Get(CertificateSettings.Webroot).Length > 0 && kinds.Contains(ProxyKind.HAProxy))
            problems.Add($"{CertificateSettings.Webroot.Path} ({values.Of(CertificateSettings.Webroot).Source}): HAProxy serves no files. Remove it, so that HAProxy answers http-01 itself, or set {CertificateSettings.Listen.Path}.", CertificateSettings.Webroot.Path);
        if (values.Get(CertificateSettings.Webroot).Length > 0 && values.Get(CertificateSettings.Listen) is not null)
            problems.Add($"{CertificateSettings.Webroot.Path} and {CertificateSettings.Listen.Path} exclude each other; http-01 is answered in one way.", CertificateSettings.Webroot.Path);
    }

    private void CheckPlaceholder(ProxyKind[] kinds, bool areObtained)
    {
        if (!values.Get(CertificateSettings.Placeholder))
            return;
        var why = !areObtained ? $"no certificates are obtained without {CertificateSettings.Email.Path}"
            : kinds.Length > 0 && kinds.All(static kind => kind is ProxyKind.HAProxy or ProxyKind.Centauri) ? "HAProxy starts without a certificate, and Centauri makes its own"
            : null;
        if (why is not null)
            warnings.Add(new Finding(FindingSeverity.Warning, ReasonIds.SettingNotInEffect, $"{CertificateSettings.Placeholder.Path} ({values.Of(CertificateSettings.Placeholder).Source}) has no effect: {why}.") { Label = CertificateSettings.Placeholder.Path });
    }

    // HAProxy tells connections apart by the protocol that they offer.
    private void CheckTls(ProxyKind[] kinds)
    {
        var wishes = file.Certificates.Where(static definition => definition.Challenge == ChallengeType.TlsAlpn01).Select(static definition => definition.Called).ToList();
        if (Challenge == ChallengeType.TlsAlpn01)
            wishes.Insert(0, $"{CertificateSettings.Challenge.Path}={ChallengeType.TlsAlpn01} ({values.Of(CertificateSettings.Challenge).Source})");
        if (wishes is not [var first, ..])
            return;
        if (kinds.Contains(ProxyKind.Nginx))
            problems.Add($"{first}: nginx hands no {ChallengeType.TlsAlpn01} on, and there is an output for it. Use {ChallengeType.Http01}, or {ChallengeType.Dns01}; HAProxy can do it.", CertificateSettings.Challenge.Path);
        else if (values.Get(CertificateSettings.Listen) is null)
            problems.Add($"{first}: {ChallengeType.TlsAlpn01} needs {CertificateSettings.Listen.Path}, an address of Templater that HAProxy reaches. Set it, or use {ChallengeType.Http01}.", CertificateSettings.Challenge.Path);
    }

    private void CheckChallenge(string? dns)
    {
        if (Challenge == ChallengeType.Dns01 && dns is null)
            problems.Add($"{CertificateSettings.Challenge.Path}={ChallengeType.Dns01} ({values.Of(CertificateSettings.Challenge).Source}) needs {CertificateSettings.Dns.Path}: one of {DnsSection.Codes}, or a name of the section {DnsSection.Name}.", CertificateSettings.Challenge.Path);
        if (!values.Get(CertificateSettings.Wildcards).IsEmpty && !AcmePolicy.ProvesWildcards(Challenge) && dns is null)
            problems.Add($"{CertificateSettings.Wildcards.Path} ({values.Of(CertificateSettings.Wildcards).Source}): {Challenge} proves no wildcards. Set {CertificateSettings.Dns.Path}, or {CertificateSettings.Challenge.Path}={ChallengeType.DnsPersist01}.", CertificateSettings.Wildcards.Path);
    }

    private sealed record Usual(string Name, bool IsUnknown);
}
