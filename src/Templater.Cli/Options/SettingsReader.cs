using System.Collections.Immutable;
using System.Globalization;
using Templater.Pipeline;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Streams;

namespace Templater.Cli.Options;

/// <summary>What was said on the command line.</summary>
internal sealed record FlagLayer
{
    /// <summary>Settings given as flags.</summary>
    public IReadOnlyDictionary<SettingDefinition, string> Values { get; init; } = new Dictionary<SettingDefinition, string>();

    /// <summary>The <c>--set</c> words, <c>key=value</c>.</summary>
    public IReadOnlyList<string> Sets { get; init; } = [];

    /// <summary>The settings file; null = by variable, else the usual place.</summary>
    public string? ConfigPath { get; init; }
}

/// <summary>Puts the layers together: a flag beats a variable, a variable beats the file, the file beats what another program's names say, that beats the default.</summary>
internal sealed class SettingsReader(FlagLayer flags, IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Reads everything anew; call it again to notice changes.</summary>
    /// <exception cref="SettingsException">Something is wrong; it says everything that is.</exception>
    public Settings Read() => new SettingsReading(flags, variables).Read();
}

/// <summary>One reading: what is wrong with a file says nothing about the next one.</summary>
internal sealed class SettingsReading(FlagLayer flags, IReadOnlyDictionary<string, string> variables)
{
    private const string UsualPath = "/etc/templater/templater.yaml";
    private readonly SettingsProblems _problems = new();
    private readonly List<Finding> _warnings = [];

    /// <summary>Reads everything, once.</summary>
    /// <exception cref="SettingsException">Something is wrong; it says everything that is.</exception>
    public Settings Read()
    {
        var path = ConfigPath();
        var file = path is null ? new FileLayer() : new FileLayerReader(path, _problems).Read();
        var fromEnvironment = EnvironmentLayer.Read(variables, _problems);
        var above = Strongest(fromEnvironment, Flags());
        var global = Strongest(file.Values, above);
        global = Strongest(Compat(global, file), global);
        var sets = Sets();
        var templateValues = TemplateValues(file.TemplateValues, sets);
        var outputs = Outputs(file, above, global, templateValues);
        var lists = file.AccessLists.ToImmutableSortedDictionary(StringComparer.Ordinal);
        var authorisers = file.ForwardAuths.ToImmutableSortedDictionary(StringComparer.Ordinal);
        outputs = [.. outputs.Select(output => output with { AccessLists = lists, ForwardAuths = authorisers, Domains = file.Domains, Routes = [.. file.Routes.Select(static route => route.Route)] })];
        Check(global);
        foreach (var output in outputs)
            RefuseSharedPort(output);
        foreach (var output in file.Outputs)
            Check(output.Values);
        _problems.ThrowIfAny();
        var values = new SettingValues(global);
        var acme = new AcmePlanReader(values, file, variables, _problems, _warnings).Read(outputs.Select(static output => OutputPlan.Of(output).Definition.Kind));
        _problems.ThrowIfAny();
        outputs = [.. outputs.Select(output => output with { Acme = acme?.Policy })];
        CheckRoutes(file.Routes, outputs);
        if (values.Get(EngineSettings.Compat) == CompatProgram.NginxProxy)
            _warnings.AddRange(new CompatNotes(NginxProxyVariables.Table, variables, values, outputs).All());
        return new Settings { Values = values, Outputs = outputs, ConfigPath = path, Warnings = [.. _warnings], Sets = sets, Acme = acme };
    }

    // What they say is read by the rules of labels, and those may name what else is in the file.
    private void CheckRoutes(ImmutableArray<PlacedRoute> routes, ImmutableArray<OutputSection> outputs)
    {
        if (routes.IsEmpty)
            return;
        var policies = new List<OutputPolicy>();
        foreach (var output in outputs)
            policies.Add(new OutputPolicy(output.Name, OutputPlan.Of(output).Policy));
        if (policies.Count == 0)
            policies.Add(new OutputPolicy("", new RoutingPolicy()));
        foreach (var route in routes)
            route.Check(policies, _problems);
        _problems.ThrowIfAny();
    }

    private string? ConfigPath() =>
        flags.ConfigPath is { Length: > 0 } flag ? flag
        : variables.GetValueOrDefault(EnvironmentLayer.ConfigName)?.Trim() is { Length: > 0 } variable ? variable
        : File.Exists(UsualPath) ? UsualPath
        : null;

    private Dictionary<SettingDefinition, SettingValue> Compat(Dictionary<SettingDefinition, SettingValue> stronger, FileLayer file)
    {
        if (stronger.GetValueOrDefault(EngineSettings.Compat) is not { } chosen)
            return DotegeVariables.AreThere(variables) ? Dotege(stronger, file) : [];
        if (EngineSettings.Compat.Complaint(chosen.Text) is not null)
            return [];
        var program = EngineSettings.Compat.Parse(chosen.Text);
        if (program == CompatProgram.Dotege)
            return Dotege(stronger, file);
        var values = CompatLayer.Read(program, variables, _problems, _warnings);
        if (NginxProxyVariables.Socket() is { } socket)
            values[EngineSettings.DockerHost] = socket;
        return WithoutFile(values, stronger, file);
    }

    // Whoever only changes the image of Dotege's container has its variables, and nobody else has.
    private Dictionary<SettingDefinition, SettingValue> Dotege(Dictionary<SettingDefinition, SettingValue> stronger, FileLayer file)
    {
        // A template that was chosen by our names makes up for one that cannot be read.
        var isChosen = stronger.ContainsKey(OutputSettings.Template) || file.Outputs.Count > 0;
        var said = isChosen ? variables.Where(static pair => pair.Key != DotegeVariables.TemplateSource).ToDictionary(StringComparer.Ordinal) : variables;
        var values = CompatLayer.Read(CompatProgram.Dotege, said, _problems, _warnings);
        _warnings.AddRange(DotegeVariables.Unknown(variables));
        if (!stronger.ContainsKey(EngineSettings.Compat))
        {
            values[EngineSettings.Compat] = new SettingValue(DotegeVariables.Table.Name, SettingLayer.Compat, DotegeVariables.Prefix + "*");
            _warnings.Add(new Finding(
                FindingSeverity.Info,
                ReasonIds.ForeignSettings,
                "the settings are those of Dotege, because there are variables DOTEGE_*, with its defaults and paths (compat=dotege). The names of Templater's own settings stand in the README, \"Coming from Dotege\"."));
        }

        return WithoutFile(values, stronger, file);
    }

    // That program's file is for that program's template.
    private static Dictionary<SettingDefinition, SettingValue> WithoutFile(
        Dictionary<SettingDefinition, SettingValue> values, Dictionary<SettingDefinition, SettingValue> stronger, FileLayer file)
    {
        if (!stronger.ContainsKey(OutputSettings.Template) && file.Outputs.Count == 0)
            return values;
        values.Remove(OutputSettings.Template);
        // One that was named by a variable is meant.
        if (file.Outputs.Count > 0 || values.GetValueOrDefault(OutputSettings.Output)?.Source.StartsWith("compat ", StringComparison.Ordinal) == true)
            values.Remove(OutputSettings.Output);
        return values;
    }

    private Dictionary<SettingDefinition, SettingValue> Flags()
    {
        var values = new Dictionary<SettingDefinition, SettingValue>();
        foreach (var (setting, text) in flags.Values)
            if (text.Trim() is { Length: > 0 } trimmed)
                values[setting] = new SettingValue(trimmed, SettingLayer.Flag, setting.Flag);
        return values;
    }

    private Dictionary<string, string> Sets()
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var word in flags.Sets)
            if (word.IndexOf('=') is > 0 and var equals)
                values[word[..equals]] = word[(equals + 1)..];
            else
                _problems.Add($"--set \"{VisibleText.Of(word)}\": expected KEY=VALUE.");
        return values;
    }

    private ImmutableArray<OutputSection> Outputs(
        FileLayer file,
        Dictionary<SettingDefinition, SettingValue> above,
        Dictionary<SettingDefinition, SettingValue> global,
        ImmutableSortedDictionary<string, string> templateValues)
    {
        // Whoever names one output by flag or variable means that one alone.
        SettingDefinition[] replacing = [OutputSettings.Template, OutputSettings.Output, OutputSettings.Reload];
        if (file.Outputs.Count > 0 && !replacing.Any(above.ContainsKey))
            return FileOutputs(file, above, global, templateValues);
        return global.TryGetValue(OutputSettings.Template, out var template)
            ? [new OutputSection(TemplateNames.OutputName(template.Text, global.GetValueOrDefault(OutputSettings.TemplateFormat)?.Text), new SettingValues(global), templateValues) { IsOnly = true }]
            : [];
    }

    private ImmutableArray<OutputSection> FileOutputs(
        FileLayer file,
        Dictionary<SettingDefinition, SettingValue> above,
        Dictionary<SettingDefinition, SettingValue> global,
        ImmutableSortedDictionary<string, string> templateValues)
    {
        foreach (var setting in new SettingDefinition[] { OutputSettings.Template, OutputSettings.Output })
            if (file.Values.TryGetValue(setting, out var value))
                _problems.Add($"{value.Source}: {setting.Path} at the top and outputs: exclude each other; move it into one of the outputs.", setting.Path);
        var sections = ImmutableArray.CreateBuilder<OutputSection>();
        foreach (var (name, place, values, ownTemplateValues) in file.Outputs)
        {
            if (!values.ContainsKey(OutputSettings.Template))
                _problems.Add($"{place}: outputs.{VisibleText.Of(name)} has no template.", OutputSettings.Template.Path);
            var own = Strongest(Strongest(global, values), above);
            sections.Add(new OutputSection(name, new SettingValues(own), templateValues.SetItems(TemplateValues(ownTemplateValues, Sets()))));
        }

        RefuseSharedFiles(sections);
        return sections.ToImmutable();
    }

    // A proxy cannot speak http and https on one port.
    private void RefuseSharedPort(OutputSection section)
    {
        var (http, https) = (section.Values.Of(RoutingSettings.HttpPort), section.Values.Of(RoutingSettings.HttpsPort));
        if (http.Text == https.Text)
            _problems.Add(
                $"{RoutingSettings.HttpPort.Path} ({http.Source}) and {RoutingSettings.HttpsPort.Path} ({https.Source}) are both {VisibleText.Of(http.Text)}; give each its own.",
                RoutingSettings.HttpsPort.Path);
        foreach (var port in new[] { http, https })
            if (section.Values.Of(RoutingSettings.StreamPorts) is var kept && StreamPort.ParseList(kept.Text) is { } ports
                && ports.Any(stream => stream.Number.ToString(CultureInfo.InvariantCulture) == port.Text))
                _problems.Add($"{RoutingSettings.StreamPorts.Path} ({kept.Source}) has {VisibleText.Of(port.Text)}, which is the proxy's port for http or https ({port.Source}); give each its own.", RoutingSettings.StreamPorts.Path);
    }

    // Each of them would put its own content back, for ever.
    private void RefuseSharedFiles(IEnumerable<OutputSection> sections)
    {
        foreach (var shared in sections.GroupBy(FileOf).Where(static group => group.Key is not null && group.Count() > 1))
            _problems.Add(
                $"the outputs {string.Join(", ", shared.Select(static section => section.Name))} all write {VisibleText.Of(shared.Key!)}; give each its own file by output.",
                OutputSettings.Output.Path);
    }

    private static string? FileOf(OutputSection section) =>
        section.Values.Of(OutputSettings.Output).Text is { Length: > 0 } file ? Path.GetFullPath(file)
        : section.Values.Of(OutputSettings.Template).Text is { Length: > 0 } template ? TemplateNames.DefaultPath(template, section.Values.Of(OutputSettings.TemplateFormat).Text, section.IsOnly)
        : null;

    private void Check(Dictionary<SettingDefinition, SettingValue> values)
    {
        foreach (var (setting, value) in values.OrderBy(static pair => pair.Key.Path, StringComparer.Ordinal))
            if (setting.Complaint(value.Text) is { } hint)
                _problems.IllegalValue(setting, value, hint);
    }

    private static Dictionary<SettingDefinition, SettingValue> Strongest(
        Dictionary<SettingDefinition, SettingValue> weak, Dictionary<SettingDefinition, SettingValue> strong)
    {
        var values = new Dictionary<SettingDefinition, SettingValue>(weak);
        foreach (var (setting, value) in strong)
            values[setting] = value;
        return values;
    }

    private static ImmutableSortedDictionary<string, string> TemplateValues(Dictionary<string, string> weak, Dictionary<string, string> strong) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).SetItems(weak).SetItems(strong);
}
