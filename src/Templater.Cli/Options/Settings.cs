using System.Collections.Immutable;
using Templater.Pipeline;
using Templater.Pipeline.Certificates;
using Templater.Pipeline.Routing;
using Templater.Pipeline.Routing.Fixed;

namespace Templater.Cli.Options;

/// <summary>The settings in force, all of them legal. Immutable.</summary>
internal sealed class Settings
{
    /// <summary>Values that hold where an output has none of its own.</summary>
    public required SettingValues Values { get; init; }

    /// <summary>The outputs; empty when no template was chosen.</summary>
    public required ImmutableArray<OutputSection> Outputs { get; init; }

    /// <summary>The settings file that was read; null when there is none.</summary>
    public string? ConfigPath { get; init; }

    /// <summary>Values for templates that were given as flags.</summary>
    public IReadOnlyDictionary<string, string> Sets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How certificates are obtained; null when none are.</summary>
    public AcmePlan? Acme { get; init; }

    /// <summary>What was accepted and has no effect.</summary>
    public ImmutableArray<Finding> Warnings { get; init; } = [];

    /// <summary>The value of a setting that holds for all outputs.</summary>
    public T Get<T>(SettingDefinition<T> setting) => Values.Get(setting);
}

/// <summary>One output with its settings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its settings.</param>
/// <param name="TemplateValues">Values that its template sees.</param>
internal sealed record OutputSection(string Name, SettingValues Values, ImmutableSortedDictionary<string, string> TemplateValues)
{
    /// <summary>Lists of clients that labels may name.</summary>
    public ImmutableSortedDictionary<string, ImmutableArray<string>> AccessLists { get; init; } =
        ImmutableSortedDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Domains by project; null when the file says nothing of projects.</summary>
    public DomainPolicy? Domains { get; init; }

    /// <summary>Routes to what is no container, by name.</summary>
    public ImmutableArray<StaticRoute> Routes { get; init; } = [];

    /// <summary>Who may be asked about requests where labels name them.</summary>
    public ImmutableSortedDictionary<string, ForwardAuth> ForwardAuths { get; init; } = ImmutableSortedDictionary<string, ForwardAuth>.Empty;

    /// <summary>What labels may choose about certificates; null when none are obtained.</summary>
    public AcmePolicy? Acme { get; init; }

    /// <summary>True when it is not one of the file's <c>outputs</c>, and so named by its template.</summary>
    public bool IsOnly { get; init; }
}

/// <summary>A legal value for every setting. Immutable.</summary>
internal sealed class SettingValues(IReadOnlyDictionary<SettingDefinition, SettingValue> values)
{
    /// <summary>The typed value.</summary>
    public T Get<T>(SettingDefinition<T> setting) => setting.Parse(Of(setting).Text);

    /// <summary>The text and its source.</summary>
    public SettingValue Of(SettingDefinition setting) =>
        values.GetValueOrDefault(setting) ?? new SettingValue(setting.Default, SettingLayer.Default, "default");

    /// <summary>True when somebody set it.</summary>
    public bool IsSet(SettingDefinition setting) => values.ContainsKey(setting);
}
