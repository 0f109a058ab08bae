using System.Collections.Immutable;
using System.Text;
using Templater.Pipeline;
using Templater.Pipeline.Deployment.Preflight;

namespace Templater.Cli.Doctoring;

/// <summary>What the checks found, for people.</summary>
internal static class DoctorText
{
    private const int LevelWidth = 9;
    private const int NameWidth = 20;

    public static string Of(PreflightFacts facts, ImmutableArray<PreflightItem> items, ImmutableArray<SocketProxyRules> rules)
    {
        var text = new StringBuilder();
        foreach (var item in items)
        {
            text.Append(item.Level.PadRight(LevelWidth)).Append(((item.Output ?? item.Name) is { } about ? $"{about}: {item.Check}" : item.Check).PadRight(NameWidth)).Append(' ')
                .Append(VisibleText.Of(item.Fact)).Append('\n');
            foreach (var finding in item.Findings)
                text.Append("    ").Append(Word(finding.Severity)).Append(' ').Append(finding.Reason).Append(": ").Append(VisibleText.Of(finding.Message)).Append('\n');
        }

        // On a socket of one's own there is nobody who would need rules.
        if (!facts.IsLocalSocket || items.Any(static item => item.Findings.Any(static finding => finding.Reason == ReasonIds.CallForbidden)))
            Rules(text, facts, rules);
        Summary(text, items);
        return text.ToString();
    }

    private static void Rules(StringBuilder text, PreflightFacts facts, ImmutableArray<SocketProxyRules> rules)
    {
        text.Append("\ncalls that these settings need:\n");
        foreach (var trial in facts.Calls)
            text.Append("    ").Append(Word(trial.Outcome).PadRight(LevelWidth + 1)).Append(trial.Call).Append("  ").Append(trial.Call.Need).Append('\n');
        foreach (var rule in rules)
        {
            text.Append('\n').Append(rule.Program).Append(":\n");
            foreach (var line in rule.Lines)
                text.Append("    ").Append(line).Append('\n');
            if (rule.Note is { } note)
                text.Append("    # ").Append(note).Append('\n');
        }
    }

    private static void Summary(StringBuilder text, ImmutableArray<PreflightItem> items)
    {
        var (errors, warnings) = (items.Count(static item => item.Level == "error"), items.Count(static item => item.Level == "warning"));
        text.Append('\n').Append(items.Length).Append(" checks: ").Append(errors).Append(errors == 1 ? " error, " : " errors, ")
            .Append(warnings).Append(warnings == 1 ? " warning\n" : " warnings\n");
    }

    /// <summary>The word for what became of a call.</summary>
    public static string Word(CallOutcome outcome) => outcome switch
    {
        CallOutcome.Allowed => "allowed",
        CallOutcome.Forbidden => "forbidden",
        CallOutcome.Failed => "failed",
        _ => "not tried",
    };

    /// <summary>The word for a severity, as in the log.</summary>
    public static string Word(FindingSeverity severity) => severity.ToString().ToLowerInvariant();
}
