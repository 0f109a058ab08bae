using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Routing;

namespace Templater.Cli.Options;

/// <summary>
/// What is worth a note about another program's variables once everything else is known: those that nothing acts on because of the
/// output's proxy or of other settings, and those whose absence matters. Nothing that somebody set is dropped in silence.
/// </summary>
/// <param name="table">That program's table.</param>
/// <param name="variables">The variables of the process.</param>
/// <param name="values">The settings as they hold; all are legal.</param>
/// <param name="outputs">The outputs.</param>
internal sealed class CompatNotes(
    CompatTable table, IReadOnlyDictionary<string, string> variables, SettingValues values, ImmutableArray<OutputSection> outputs)
{
    // Which proxy an own template is for stands in its first line, which is read only where it matters.
    private readonly Lazy<bool> _isNginx = new(() => outputs.IsEmpty || outputs.Any(static output => OutputPlan.Of(output).Definition.Kind == ProxyKind.Nginx));

    /// <summary>The notes, in the table's order, at most one for each variable.</summary>
    public IEnumerable<Finding> All()
    {
        foreach (var variable in table.Variables)
            if (About(variable) is { } text)
                yield return Note(variable, text);
    }

    /// <summary>A note about a variable.</summary>
    /// <param name="variable">The variable.</param>
    /// <param name="text">Fits after its name, without a full stop.</param>
    public static Finding Note(CompatVariable variable, string text) =>
        new(FindingSeverity.Warning, ReasonIds.SettingNotInEffect, $"{variable.Name} {text}.") { Label = variable.Name };

    private string? About(CompatVariable variable)
    {
        var text = variables.GetValueOrDefault(variable.Name)?.Trim() ?? "";
        if (text.Length == 0)
            return variable.WhenAbsent is { } advice && !IsVoid(variable) && IsHeard(variable) ? advice : null;
        var meaning = variable.Translate(text, variables);
        return meaning.Note is not null ? null
            : !IsHeard(variable) ? "has no effect: it is about nginx, and no output is for nginx"
            : IsVoid(variable) ? $"has no effect: {variable.VoidedBy!.Path} ({values.Of(variable.VoidedBy).Source}) says more exactly what it is about"
            : Unused(meaning);
    }

    private bool IsHeard(CompatVariable variable) => !variable.IsForNginx || _isNginx.Value;

    private bool IsVoid(CompatVariable variable) => variable.VoidedBy is { } setting && values.IsSet(setting);

    private string? Unused(CompatMeaning meaning)
    {
        foreach (var (setting, text) in meaning.Values)
            if (values.Of(setting) is { Layer: not SettingLayer.Compat } stronger && stronger.Text != text)
                return $"has no effect: {setting.Path} is set by {stronger.Source}";
            else if (Elsewhere(setting, text) is { } elsewhere)
                return elsewhere;
        return null;
    }

    // A file may say it for single outputs.
    private string? Elsewhere(SettingDefinition setting, string text)
    {
        var names = new List<string>();
        string? source = null;
        foreach (var output in outputs)
        {
            if (output.Values.Of(setting) is not { Layer: not SettingLayer.Compat } own || own.Text == text)
                continue;
            names.Add(output.Name);
            source ??= own.Source;
        }

        return names.Count == 0 ? null : $"has no effect for {(names.Count == 1 ? "the output" : "the outputs")} {string.Join(", ", names)}: {setting.Path} is set by {source}";
    }
}
