using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Labels;
using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Dotege;

/// <summary>What Centauri is told about the certificate of a host: who makes it, for which names, and for each name apart.</summary>
internal static class DotegeCertificates
{
    /// <summary>What is legal as a provider, for messages.</summary>
    public const string LegalProvider = "lego or selfsigned";

    private const string SelfSigned = "selfsigned";

    /// <summary>Adds provider and subject.</summary>
    /// <param name="container">The container.</param>
    /// <param name="host">The settings without them.</param>
    /// <param name="findings">Where complaints go.</param>
    public static HostSettings Apply(Container container, HostSettings host, ContainerFindings findings)
    {
        var (provider, subject) = (ReadProvider(container, findings), ReadSubject(container, findings));
        if (provider is null && subject is null)
            return host;
        return host with { Provider = provider, Subject = subject, Acme = new AcmeSettings { IsWanted = provider == SelfSigned ? false : null, Names = subject } };
    }

    /// <summary>Reads whether each name is a route of its own.</summary>
    /// <param name="container">The container.</param>
    /// <param name="findings">Where complaints go.</param>
    /// <param name="refusal">Why the container is not routed: one certificate cannot be each name's own.</param>
    public static bool IsSplit(Container container, ContainerFindings findings, out Refusal? refusal)
    {
        refusal = null;
        var text = Text(container, DotegeLabels.Split);
        if (text.Length == 0)
            return false;
        if (!NginxProxy.ProxyLabels.TryTruth(text, out var isSplit))
        {
            Ignore(DotegeLabels.Split, text, Quantities.LegalBoolean, findings);
            return false;
        }

        if (!isSplit || Text(container, DotegeLabels.Subject).Length == 0)
            return isSplit;
        const string Detail = $"{DotegeLabels.Subject} names one certificate, and {DotegeLabels.Split} asks for one for each name. Remove one of them.";
        findings.Warn(ReasonIds.UnsupportedOption, $"container {findings.Name} is not routed: {Detail}", DotegeLabels.Split);
        refusal = new Refusal(ReasonIds.UnsupportedOption, Detail);
        return true;
    }

    // Centauri takes any word and then never serves the route.
    private static string? ReadProvider(Container container, ContainerFindings findings)
    {
        var text = Text(container, DotegeLabels.Provider);
        if (text.Length == 0)
            return null;
        var provider = text.ToLowerInvariant();
        if (provider is "lego" or SelfSigned)
            return provider;
        Ignore(DotegeLabels.Provider, text, LegalProvider, findings);
        return null;
    }

    // A certificate for a part of the names would be the wrong one; without the label it is one for the names of the host.
    private static string? ReadSubject(Container container, ContainerFindings findings)
    {
        var text = Text(container, DotegeLabels.Subject);
        if (text.Length == 0)
            return null;
        var names = new List<string>();
        var items = Untrusted.IsReadable(text) ? ValueList.Split(text) : [];
        foreach (var item in items)
        {
            if (HostPatternParser.TryParse(item, out var pattern, out _) && pattern.Match is HostMatch.Exact or HostMatch.Wildcard)
            {
                if (!names.Contains(pattern.Text))
                    names.Add(pattern.Text);
            }
            else
            {
                Ignore(DotegeLabels.Subject, item, "a name or *.name", findings);
                return null;
            }
        }

        if (names.Count is > 0 and <= HostListReader.MaxHosts)
            return string.Join(' ', names);
        Ignore(DotegeLabels.Subject, text, $"a list of at most {HostListReader.MaxHosts} names, {Untrusted.MaxValueBytes} bytes in all", findings);
        return null;
    }

    private static string Text(Container container, string label) => container.Labels.GetValueOrDefault(label, "").Trim();

    private static void Ignore(string label, string text, string legal, ContainerFindings findings) =>
        findings.Warn(ReasonIds.InvalidValue, $"container {findings.Name}: {label}=\"{Untrusted.Shown(text)}\": {legal} was expected. It has no effect.", label, text);
}
