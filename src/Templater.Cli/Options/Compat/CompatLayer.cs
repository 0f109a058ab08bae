using Templater.Pipeline;

namespace Templater.Cli.Options;

/// <summary>
/// Another program's defaults and variables, as values of settings. It lies between Templater's defaults and everything that
/// is said by Templater's own names.
/// </summary>
internal static class CompatLayer
{
    /// <summary>The values; texts that are not legal become problems, those that nothing acts on warnings.</summary>
    /// <param name="program">The program.</param>
    /// <param name="variables">The variables of the process.</param>
    /// <param name="problems">Gets one problem for each bad value, with the name that the operator wrote.</param>
    /// <param name="warnings">Gets what is worth a note.</param>
    public static Dictionary<SettingDefinition, SettingValue> Read(
        CompatProgram program, IReadOnlyDictionary<string, string> variables, SettingsProblems problems, List<Finding> warnings)
    {
        var values = new Dictionary<SettingDefinition, SettingValue>();
        if (CompatTable.Of(program) is not { } table)
            return values;
        foreach (var (setting, text) in table.Defaults)
            values[setting] = new SettingValue(text, SettingLayer.Compat, $"compat {table.Name}");
        foreach (var variable in table.Variables)
            if (variables.GetValueOrDefault(variable.Name)?.Trim() is { Length: > 0 } text)
                Add(variable, text, variables, values, problems, warnings);
        return values;
    }

    private static void Add(
        CompatVariable variable,
        string text,
        IReadOnlyDictionary<string, string> variables,
        Dictionary<SettingDefinition, SettingValue> values,
        SettingsProblems problems,
        List<Finding> warnings)
    {
        var meaning = variable.Translate(text, variables);
        if (meaning.Expected is { } expected)
        {
            problems.IllegalVariable(variable, text, expected);
            return;
        }

        if (meaning.Note is { } note)
            warnings.Add(CompatNotes.Note(variable, note));
        foreach (var (setting, translated) in meaning.Values)
            if (setting.Complaint(translated) is { } hint)
                problems.IllegalVariable(variable, text, setting.LegalValues, hint);
            else
                values[setting] = new SettingValue(translated, SettingLayer.Compat, variable.Name);
    }
}
