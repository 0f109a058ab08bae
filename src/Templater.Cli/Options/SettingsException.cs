using System.Collections.Immutable;
using Templater.Pipeline;

namespace Templater.Cli.Options;

/// <summary>Settings that cannot be used; carries everything that is wrong with them, in one go.</summary>
internal sealed class SettingsException(ImmutableArray<Finding> problems) : Exception("the settings cannot be used")
{
    /// <summary>One finding per mistake, never empty.</summary>
    public ImmutableArray<Finding> Problems { get; } = problems;
}

/// <summary>Collects what is wrong with the settings.</summary>
internal sealed class SettingsProblems
{
    private const int MaxShown = 200;
    private const string HiddenText = "(secret)";
    private readonly List<Finding> _problems = [];

    public bool Any => _problems.Count > 0;

    public void Add(string message, string? label = null) => _problems.Add(Problem(message) with { Label = label });

    public void IllegalValue(SettingDefinition setting, SettingValue value, string hint) => _problems.Add(
        Problem($"{setting.Path}={Shown(setting, value.Text)} ({value.Source}): expected {setting.LegalValues}.{(hint.Length > 0 ? " " + hint : "")}") with
        {
            Label = setting.Path,
            Value = Shown(setting, value.Text),
        });

    /// <summary>A value of another program's variable that is not legal.</summary>
    public void IllegalVariable(CompatVariable variable, string text, string expected, string hint = "")
    {
        var shown = variable.IsSecret ? HiddenText : Quoted(text);
        _problems.Add(Problem($"{variable.Name}={shown}: expected {expected}.{(hint.Length > 0 ? " " + hint : "")}") with { Label = variable.Name, Value = shown });
    }

    public void UnknownName(string name, string source, IEnumerable<string> known) =>
        _problems.Add(Problem($"{source}: {VisibleText.Of(name)} is not a setting.{Suggestion.Question(name, known)}") with { Label = VisibleText.Of(name) });

    /// <summary>Throws when there is anything to say.</summary>
    /// <exception cref="SettingsException">There is.</exception>
    public void ThrowIfAny()
    {
        if (_problems.Count > 0)
            throw new SettingsException([.. _problems]);
    }

    private static Finding Problem(string message) => new(FindingSeverity.Error, ReasonIds.InvalidSetting, message);

    private static string Shown(SettingDefinition setting, string text) =>
        setting.IsSecret ? HiddenText : Quoted(text);

    private static string Quoted(string text) => "\"" + VisibleText.Of(text.Length > MaxShown ? text[..MaxShown] + "…" : text) + "\"";
}
