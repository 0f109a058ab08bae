using System.CommandLine;

namespace Templater.Cli.Options;

/// <summary>Whether a command takes <c>--set</c>.</summary>
internal enum SetFlag
{
    /// <summary>It renders nothing.</summary>
    None,

    /// <summary>It only says what another command would take.</summary>
    Hidden,

    /// <summary>It renders.</summary>
    Shown,
}

/// <summary>The flags of all settings, with <c>--set</c> and <c>--config</c>, for one command.</summary>
internal sealed class SettingOptions
{
    private readonly List<(SettingDefinition Setting, Option<string> Option)> _settings = [];
    private readonly Option<string[]> _sets = new("--set")
    {
        Description = "A value that templates see as values.KEY; may be given several times",
        HelpName = "KEY=VALUE",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _config = new("--config") { Description = "Settings file (YAML)", HelpName = "FILE" };

    /// <summary>Makes the options.</summary>
    /// <param name="showAll">Show every flag; else only those in <paramref name="shown"/>, the others work all the same.</param>
    /// <param name="shown">Settings that the command's help lists.</param>
    /// <param name="except">Settings whose flag means something else in this command.</param>
    public SettingOptions(bool showAll, SettingDefinition[] shown, params SettingDefinition[] except)
    {
        foreach (var setting in SettingsTable.All)
            if (!except.Contains(setting))
                _settings.Add((setting, OptionOf(setting, showAll || shown.Contains(setting))));
    }

    /// <summary>Whether the command takes <c>--set</c>.</summary>
    public SetFlag Set { get; init; }

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var (_, option) in _settings)
            command.Options.Add(option);
        _sets.Hidden = Set == SetFlag.Hidden;
        if (Set != SetFlag.None)
            command.Options.Add(_sets);
        command.Options.Add(_config);
    }

    /// <summary>What was given.</summary>
    public FlagLayer Read(ParseResult parse)
    {
        var values = new Dictionary<SettingDefinition, string>();
        foreach (var (setting, option) in _settings)
            if (parse.GetResult(option) is { Implicit: false })
                values.Add(setting, parse.GetValue(option) ?? "");
        return new FlagLayer
        {
            Values = values,
            Sets = (Set == SetFlag.None ? null : parse.GetValue(_sets)) ?? [],
            ConfigPath = parse.GetValue(_config),
        };
    }

    private static Option<string> OptionOf(SettingDefinition setting, bool isShown)
    {
        var option = new Option<string>(setting.Flag)
        {
            Description = char.ToUpperInvariant(setting.Meaning[0]) + setting.Meaning[1..],
            HelpName = setting.Path.Split('_')[^1].ToUpperInvariant(),
            Hidden = !isShown,
        };
        if (!setting.Words.IsEmpty)
            option.CompletionSources.Add([.. setting.Words]);
        return option;
    }
}
