using System.Collections.Immutable;
using Templater.Pipeline.Inventory;
using Templater.Pipeline.Routing.Grouping;
using Templater.Pipeline.Routing.Names;
using Templater.Pipeline.Routing.Reachability;

namespace Templater.Pipeline.Routing.Spelling;

/// <summary>
/// A claim as native labels can say it: what they have no word for is taken out and remarked on. What would then be open to more
/// clients cannot be said at all.
/// </summary>
internal sealed class NativeView(Container container, RoutingPolicy policy, FileWords files, Action<string> remark)
{
    private readonly HostView _host = new(policy, remark);

    /// <summary>Why the container must not be described in native labels; null when it may.</summary>
    public string? Unspeakable { get; private set; }

    /// <summary>The claims that say the same; native ones say themselves.</summary>
    /// <param name="claim">The claim.</param>
    public IEnumerable<RouteClaim> Of(RouteClaim claim)
    {
        Unspeakable ??= files.Unspeakable(claim);
        var hosts = claim.Hosts.Where(IsOneItem).ToImmutableArray();
        var view = claim with
        {
            Hosts = hosts,
            Path = PathOf(claim),
            Port = claim.Port ?? FallbackPort(claim),
            IsPortFound = false,
            FallsBackToPort80 = false,
            IsSplit = false,
            Settings = SettingsOf(claim),
            Host = _host.Of(claim.Host) with { ClientAuth = files.Authority(claim) },
            Refusal = null,
        };
        return claim.IsSplit ? hosts.Select(host => view with { Hosts = [host] }) : hosts.Length > 0 ? [view] : [];
    }

    // A list is split at commas and blanks, which an expression may hold.
    private bool IsOneItem(HostPattern host)
    {
        if (ValueList.Split(host.ToString()) is [var item] && item == host.ToString())
            return true;
        remark($"the host {Untrusted.Shown(host.ToString())} cannot stand in a list");
        return false;
    }

    private PathPattern PathOf(RouteClaim claim)
    {
        var path = claim.Path;
        if (path.BeatsRegex)
            remark($"{Untrusted.Shown(path.Text)} comes before the expressions; natively they come before prefixes");
        if (!path.IsRaw)
            return path with { BeatsRegex = false };
        if (!Restricts(claim))
        {
            remark($"{Untrusted.Shown(path.Text)} also matches within a segment ({Untrusted.Shown(path.Text.TrimEnd('/'))}x); a native path ends with one");
            return new PathPattern(PathMatch.Prefix, path.Text.Length > 1 ? path.Text.TrimEnd('/') : path.Text);
        }

        // Who has to log in at /admin has to at /administrator, too.
        var expression = new PathPattern(PathMatch.Regex, "^" + Escaped(path.Text));
        if (claim.Settings.Rewrite is not null)
            Unspeakable ??= $"{Untrusted.Shown(path.Text)} closes paths within a segment, and a native path that does has no rewrite";
        else if (RegexPattern.Complaint(expression.Text) is not null)
            Unspeakable ??= $"{Untrusted.Shown(path.Text)} closes paths within a segment, and cannot be written as an expression";
        else
            remark($"{Untrusted.Shown(path.Text)} closes paths within a segment, too; as an expression it comes before all prefixes");
        return expression;
    }

    private static bool Restricts(RouteClaim claim) =>
        claim.Settings is { Login: not null } or { ForwardAuth: not null } || claim.Settings.Allow.Length > 0 || claim.Settings.Deny.Length > 0;

    private static string Escaped(string path)
    {
        var text = new System.Text.StringBuilder(path.Length);
        foreach (var character in path)
        {
            if (char.IsAscii(character) && !char.IsAsciiLetterOrDigit(character) && character is not ('/' or '-' or '_' or ',' or '~'))
                text.Append('\\');
            text.Append(character);
        }

        return text.ToString();
    }

    private int? FallbackPort(RouteClaim claim) =>
        claim.FallsBackToPort80 && PortRule.Exposed(container) is { Length: > 1 } exposed && !exposed.Contains(80) ? 80 : null;

    private RouteSettings SettingsOf(RouteClaim claim)
    {
        var settings = claim.Settings;
        if (settings.BalanceMethod is not null)
            remark($"the balance {settings.BalanceMethod.Nginx} has no native word");
        if (settings.Destination is { HasVariables: true })
            remark($"the destination {Untrusted.Shown(settings.Destination.Nginx)} has no native word, and the path is left alone");
        var rewrite = settings.Destination is { HasVariables: true } ? null : settings.Rewrite;
        if (rewrite is not null && (claim.Path.Match == PathMatch.Regex || !PathPatternParser.IsPath(rewrite)))
        {
            remark($"the destination {Untrusted.Shown(rewrite)} has no native word, and the path is left alone");
            rewrite = null;
        }

        return settings with
        {
            BalanceMethod = null,
            Destination = null,
            Rewrite = rewrite,
            ResponseHeaders = Headers(settings.ResponseHeaders, isRequest: false),
            RequestHeaders = Headers(settings.RequestHeaders, isRequest: true),
            ErrorPages = Pages(settings.ErrorPages),
        };
    }

    private ImmutableArray<ErrorPage> Pages(ImmutableArray<ErrorPage> pages)
    {
        var kept = ImmutableArray.CreateBuilder<ErrorPage>();
        foreach (var page in pages)
        {
            if (page.Path.Length > 0)
                kept.Add(page with { Label = null });
            else
                remark($"the page in the place of {page.Status} is that of the path that was asked for; a native one has a path of its own");
        }

        return kept.ToImmutable();
    }

    private ImmutableArray<HeaderChange> Headers(ImmutableArray<HeaderChange> changes, bool isRequest)
    {
        var kept = ImmutableArray.CreateBuilder<HeaderChange>();
        foreach (var change in changes)
        {
            if (HeaderSyntax.IsToken(change.Name) && HeaderSyntax.IsAllowed(change.Name, isRequest) && (change.Operation == HeaderOperation.Delete || HeaderSyntax.IsValue(change.Value)))
                kept.Add(change);
            else
                remark($"no label may change the header {Untrusted.Shown(change.Name)}");
        }

        return kept.ToImmutable();
    }
}
