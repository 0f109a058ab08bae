using System.Globalization;
using System.Text;
using Templater.Pipeline.Explaining;
using Templater.Pipeline.Inventory;

namespace Templater.Cli.Explaining;

/// <summary>Writes explanations for people.</summary>
internal sealed class ExplanationText(DateTimeOffset now, bool namesOutputs)
{
    private const int KeyWidth = 13;
    private const int ValueWidth = 34;
    private const int MaxRanges = 6;

    private readonly StringBuilder _text = new();

    /// <summary>The text of an explanation, with a line break at its end.</summary>
    public string Of(Explanation about)
    {
        _text.Clear();
        Head(about);
        if (about.Kind == SubjectKind.Container)
            Decision(about);
        Routes(about);
        Streams(about);
        Conflicts(about);
        Details(about);
        if ((about.Standing != Standing.Routed || !about.Conflicts.IsEmpty) && about.WayOut is { } way)
            _text.Append(CultureInfo.InvariantCulture, $"\n  {(!about.Conflicts.IsEmpty ? "To change:  " : way.StartsWith("templater help", StringComparison.Ordinal) ? "More:       " : "To route it:")} {way}\n");
        Output(about);
        return _text.ToString();
    }

    /// <summary>The word for how far something is routed.</summary>
    public static string Word(Standing standing) => standing switch
    {
        Standing.Routed => "ROUTED",
        Standing.Partly => "PARTLY ROUTED",
        _ => "NOT ROUTED",
    };

    private void Head(Explanation about)
    {
        if (about.Container is { } container)
            _text.Append(CultureInfo.InvariantCulture, $"container {about.Subject} ({string.Join(", ", Facts(container))})");
        else
            _text.Append(CultureInfo.InvariantCulture, $"host {about.Subject}");
        _text.Append(namesOutputs ? $" in output {about.Output}\n" : "\n");
        var isSaid = about.Detail.Length == 0 || about.Warnings.Any(warning => warning.Reason == about.Reason);
        var tail = about.Reason is { } reason ? isSaid ? reason : $"{reason}: {about.Detail}"
            : about.Conflicts.IsEmpty ? about.Listens
            : "";
        var word = about.Standing == Standing.Routed && !about.Conflicts.IsEmpty ? "ROUTED with a conflict" : Word(about.Standing);
        _text.Append(CultureInfo.InvariantCulture, $"  {word}{(tail.Length > 0 ? "   " : "")}{tail}\n\n");
    }

    private IEnumerable<string> Facts(Container container)
    {
        yield return "image " + VisibleText.Of(container.Image.ToString());
        var state = container.State.ToString().ToLowerInvariant();
        yield return container.State == ContainerState.Running && container.Started is { } started ? $"{state} {Span(now - started)}" : state;
        if (container.Health != HealthStatus.None)
            yield return container.Health.ToString().ToLowerInvariant();
        if (container.Compose is { } compose)
            yield return string.Create(CultureInfo.InvariantCulture, $"compose {VisibleText.Of(compose.Project)}/{VisibleText.Of(compose.Service)} #{compose.Number}");
        if (container.Swarm is { } swarm)
            yield return $"service {VisibleText.Of(swarm.Service)}";
    }

    private void Decision(Explanation about)
    {
        foreach (var step in about.Steps)
            Row(step.Name, step.Value, step.Why);
        var name = about.Networks.Select(static network => network.Name.Length).Append(8).Max();
        var isFirst = true;
        foreach (var network in about.Networks)
        {
            var mark = network.IsUsed ? about.Standing == Standing.NotRouted ? "  <- would be used" : "  <- used" : "";
            var gateway = network.IsDefaultGateway ? "  (default gateway)" : "";
            Line(isFirst ? "networks" : "", $"{network.Name.PadRight(name)}   {network.Why.PadRight(38)} {network.Address.PadRight(15)}{gateway}{mark}");
            isFirst = false;
        }

        if (isFirst)
            Line("networks", "none");
        if (about.Port is { } port)
            Row("port", port.Value is { } chosen ? chosen.ToString(CultureInfo.InvariantCulture) : $"{Exposed(port)} exposed (tcp), none is 80", port.Value is null ? $"-> {port.From}" : port.From);
    }

    private static string Exposed(ExplainedPort port) => string.Join(", ", port.Candidates.Select(static number => number.ToString(CultureInfo.InvariantCulture)));

    private void Routes(Explanation about)
    {
        foreach (var route in about.Routes)
        {
            if (about.Kind == SubjectKind.Container)
                _text.Append('\n');
            var host = about.Kind == SubjectKind.Container ? route.Host : "";
            var upstream = route.Upstream.Length > 0 ? $"upstream {route.Upstream}, " : "";
            _text.Append(CultureInfo.InvariantCulture, $"  route {host}{route.Path}      {upstream}{route.Does}{(route.Status is "closed" or "no server" ? $"   ({route.Status}: answers 503)" : "")}\n");
            var address = route.Servers.Select(static server => server.Address.Length).Append(1).Max();
            var name = route.Servers.Select(static server => server.Container.Length).Append(1).Max();
            foreach (var server in route.Servers)
                _text.Append(CultureInfo.InvariantCulture, $"    {(server.Address.Length > 0 ? server.Address : "-").PadRight(address)}   {server.Container.PadRight(name)}   {server.State,-5}  {server.Why}{(server.State == "-" ? ", not included" : "")}\n");
        }
    }

    private void Streams(Explanation about)
    {
        foreach (var stream in about.Streams)
        {
            var upstream = stream.Upstream.Length > 0 ? $"upstream {stream.Upstream}, " : "";
            _text.Append(CultureInfo.InvariantCulture, $"\n  stream {stream.Listen}      {upstream}{stream.Does}{(stream.Status == "served" ? "" : $"   ({stream.Status})")}\n");
            _text.Append(CultureInfo.InvariantCulture, $"    {(stream.Server.Address.Length > 0 ? stream.Server.Address : "-")}   {stream.Server.Container}   {stream.Server.State,-5}  {stream.Server.Why}{(stream.Server.State == "-" ? ", not included" : "")}\n");
        }
    }

    private void Conflicts(Explanation about)
    {
        foreach (var conflict in about.Conflicts)
        {
            _text.Append(CultureInfo.InvariantCulture, $"\n  route {(about.Kind == SubjectKind.Container ? conflict.Host : "")}{conflict.Path}      claimed {(conflict.Losers.Length == 1 ? "twice" : $"{conflict.Losers.Length + 1} times")}\n");
            var all = conflict.Losers.Prepend(conflict.Winner).ToArray();
            var name = all.Max(static claimant => claimant.Container.Length);
            var application = all.Max(static claimant => claimant.Application.Length);
            var age = all.Max(static claimant => claimant.Age.Length) + " ago".Length;
            for (var index = 0; index < all.Length; index++)
                _text.Append(CultureInfo.InvariantCulture, $"    {(index == 0 ? "won " : "lost")}   {all[index].Container.PadRight(name)}   {all[index].Application.PadRight(application)}   priority {all[index].Priority}   created {(all[index].Age + " ago").PadRight(age)}   {all[index].Image}\n");
            Line("rule", conflict.Rule);
            foreach (var difference in conflict.Also)
                Line("also", difference);
        }
    }

    private void Details(Explanation about)
    {
        if (about.Kind == SubjectKind.Host && !about.Labels.IsEmpty)
            foreach (var group in about.Labels.GroupBy(static label => label.Container))
                Line("from", $"{group.Key}: {string.Join(", ", group.Select(static label => label.Key))}");
        if (about.Certificate is { } certificate)
            Line("certificate", $"{certificate.Name}, {Days(certificate)}");
        else if (about.PendingCertificate is { } pending)
            Line("certificate", Pending(pending));
        if (!about.Settings.IsEmpty)
            Line("settings", string.Join("  ", about.Settings.Select(static setting => $"{setting.Key}={setting.Value} ({setting.From})")));
        var isFirst = true;
        foreach (var warning in about.Warnings)
        {
            Line(isFirst ? "warnings" : "", $"{VisibleText.Of(warning.Message)}  [{warning.Reason}]");
            isFirst = false;
        }
    }

    /// <summary>That a certificate is to be obtained and not there, with what is known of it.</summary>
    public static string Pending(string reason) => reason.Length > 0 ? $"pending ({VisibleText.Of(reason)})" : "pending";

    /// <summary>How long a certificate holds.</summary>
    public static string Days(ExplainedCertificate certificate) => certificate.DaysLeft < 0
        ? "expired"
        : string.Create(CultureInfo.InvariantCulture, $"{certificate.DaysLeft} {(certificate.DaysLeft == 1 ? "day" : "days")} left");

    private void Output(Explanation about)
    {
        if (about.File is not { } file)
        {
            _text.Append("\n  Nothing was rendered.\n");
            return;
        }

        if (!file.Lines.IsEmpty)
            Line("output", $"{VisibleText.Of(file.File)} {Lines(file)}{(file.Live is { } live ? ", " + Generation(live) : "")}");
        else
            _text.Append(CultureInfo.InvariantCulture, $"\n  {(file.Live is { } known ? $"Now: {Generation(known)}. " : "")}No output line comes from this {(about.Kind == SubjectKind.Host ? "host" : "container")}.\n");
    }

    private static string Lines(ExplainedOutput file)
    {
        var shown = string.Join(", ", file.Lines.Take(MaxRanges).Select(static lines => lines.First == lines.Last
            ? lines.First.ToString(CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{lines.First}-{lines.Last}")));
        var more = file.Lines.Length - MaxRanges;
        return $"line{(file.Lines is [var only] && only.First == only.Last ? "" : "s")} {shown}{(more > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {more} more") : "")}";
    }

    private string Generation(LiveGeneration live)
    {
        if (!live.IsCurrent)
            return string.Create(CultureInfo.InvariantCulture, $"not in place yet (the last is generation {live.Number})");
        var since = live.Since is { } at ? $" since {Moment(at)}" : "";
        var state = live.IsLive ? "live" : "in place, not live";
        return string.Create(CultureInfo.InvariantCulture, $"generation {live.Number}, {state}{since}{(live.Proof.Length > 0 ? $" (proved: {VisibleText.Of(live.Proof)})" : "")}");
    }

    private string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString(at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private void Row(string key, string value, string why)
    {
        var text = why.Length == 0 ? value : value.Length < ValueWidth ? value.PadRight(ValueWidth) + why : $"{value}   {why}";
        Line(key, text);
    }

    private void Line(string key, string text) => _text.Append(CultureInfo.InvariantCulture, $"  {key.PadRight(KeyWidth)}{text.TrimEnd()}\n");

    /// <summary>A time that passed, in its largest unit.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 1 } => Counted(Math.Max(0, (int)span.TotalSeconds), "s"),
        { TotalHours: < 1 } => Counted((int)span.TotalMinutes, "min"),
        { TotalDays: < 1 } => Counted((int)span.TotalHours, "h"),
        _ => Counted((int)span.TotalDays, span.TotalDays < 2 ? "day" : "days"),
    };

    private static string Counted(int count, string unit) => string.Create(CultureInfo.InvariantCulture, $"{count} {unit}");
}
