using System.Collections.Immutable;

namespace Templater.Cli.Options;

/// <summary>What a text of another program's variable means here. Immutable.</summary>
internal sealed record CompatMeaning
{
    /// <summary>It asks for what holds anyway.</summary>
    public static readonly CompatMeaning Nothing = new();

    /// <summary>Settings with their texts, as the settings' own parsers take them.</summary>
    public ImmutableArray<CompatDefault> Values { get; private init; } = [];

    /// <summary>What to say about it, in words that fit after the variable's name and end without a full stop; null = nothing.</summary>
    public string? Note { get; init; }

    /// <summary>For a text that is not legal: the legal ones, in words that fit after "expected"; null = it is legal.</summary>
    public string? Expected { get; private init; }

    /// <summary>It sets one setting.</summary>
    public static CompatMeaning Of(SettingDefinition setting, string text) => new() { Values = [new(setting, text)] };

    /// <summary>It sets several settings.</summary>
    public static CompatMeaning Of(params ReadOnlySpan<CompatDefault> values) => new() { Values = [.. values] };

    /// <summary>Nothing can act on it; what holds instead is said once.</summary>
    /// <param name="instead">Fits after "has no effect:".</param>
    public static CompatMeaning WithoutEffect(string instead) => new() { Note = "has no effect: " + instead };

    /// <summary>It is not legal.</summary>
    /// <param name="expected">Legal texts, in words that fit after "expected".</param>
    public static CompatMeaning Bad(string expected) => new() { Expected = expected };
}

/// <summary>A setting with a text of it.</summary>
/// <param name="Setting">The setting.</param>
/// <param name="Text">A legal text of it.</param>
internal sealed record CompatDefault(SettingDefinition Setting, string Text);
