using System.Collections.Immutable;

namespace Templater.Cli.Options;

/// <summary>Headings of the settings table.</summary>
internal enum SettingGroup
{
    Engine,
    Output,
    Routing,
    Certificates,
    Process,
}

/// <summary>
/// One setting, under one name: the YAML path <c>acme.email</c> is the variable <c>TEMPLATER_ACME_EMAIL</c> and the flag
/// <c>--acme-email</c>. Immutable.
/// </summary>
internal abstract class SettingDefinition(string path, SettingGroup group, string meaning)
{
    /// <summary>What every variable's name begins with.</summary>
    public const string EnvironmentPrefix = "TEMPLATER_";

    /// <summary>Path in the YAML file; <c>.</c> and <c>_</c> between words mean the same there.</summary>
    public string Path { get; } = path;

    /// <summary>The heading it is listed under.</summary>
    public SettingGroup Group { get; } = group;

    /// <summary>What it is for, in one line.</summary>
    public string Meaning { get; } = meaning;

    /// <summary>The name without prefix, by which all spellings are compared: <c>ACME_EMAIL</c>.</summary>
    public string Key { get; } = KeyOf(path);

    /// <summary>Name of the environment variable.</summary>
    public string EnvironmentName => EnvironmentPrefix + Key;

    /// <summary>Name of the flag.</summary>
    public string Flag => "--" + Path.Replace('.', '-').Replace('_', '-');

    /// <summary>Text of the default; empty = not set.</summary>
    public string Default { get; init; } = "";

    /// <summary>Says what holds when it is not set, where <see cref="Default"/> cannot.</summary>
    public string? DefaultNote { get; init; }

    /// <summary>A variable without prefix that is read too, after the prefixed one.</summary>
    public string? PlainEnvironmentName { get; init; }

    /// <summary>True when the value must never be shown.</summary>
    public bool IsSecret { get; init; }

    /// <summary>True when each of several outputs may have its own value.</summary>
    public bool IsPerOutput { get; init; }

    /// <summary>The values it takes, in words that fit after "expected".</summary>
    public abstract string LegalValues { get; }

    /// <summary>The least and the most that a quantity may be; empty for what has no order.</summary>
    public abstract ImmutableArray<string> Bounds { get; }

    /// <summary>Words that it takes, for completion; empty when they cannot be listed.</summary>
    public abstract ImmutableArray<string> Words { get; }

    /// <summary>Why a text is not a legal value, beyond <see cref="LegalValues"/>; null when it is legal.</summary>
    /// <param name="text">A text that is not empty.</param>
    /// <returns>Null when legal; else a hint, which may be empty.</returns>
    public abstract string? Complaint(string text);

    /// <summary>The spelling by which names are compared.</summary>
    public static string KeyOf(string name) => name.Replace('.', '_').Replace('-', '_').ToUpperInvariant();
}

/// <summary>A setting whose values have the type <typeparamref name="T"/>.</summary>
internal sealed class SettingDefinition<T>(string path, SettingGroup group, SettingType<T> type, string meaning)
    : SettingDefinition(path, group, meaning)
{
    /// <summary>The value of a setting that is not set and has no default.</summary>
    public required T Unset { get; init; }

    /// <inheritdoc/>
    public override string LegalValues => type.LegalValues;

    /// <inheritdoc/>
    public override ImmutableArray<string> Bounds => type.Bounds;

    /// <inheritdoc/>
    public override ImmutableArray<string> Words => type.Words;

    /// <inheritdoc/>
    public override string? Complaint(string text) => type.TryParse(text, out _, out var hint) ? null : hint ?? "";

    /// <summary>The value of a text that <see cref="Complaint"/> found legal.</summary>
    /// <exception cref="FormatException">It is not legal.</exception>
    public T Parse(string text) =>
        text.Length == 0 ? Unset
        : type.TryParse(text, out var value, out _) ? value
        : throw new FormatException($"{Path}: not a legal value");
}
