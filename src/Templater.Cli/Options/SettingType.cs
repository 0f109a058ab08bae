using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Templater.Cli.Options;

/// <summary>Reads a text as a value.</summary>
/// <param name="text">Not empty, without surrounding white space.</param>
/// <param name="value">The value.</param>
/// <param name="hint">When it is not legal: a sentence about this very text, if there is something to say.</param>
internal delegate bool TryParse<T>(string text, [MaybeNullWhen(false)] out T value, out string? hint);

/// <summary>A kind of value with the words that describe it.</summary>
/// <param name="LegalValues">Fits after "expected".</param>
/// <param name="TryParse">The parser; culture-invariant, never throws.</param>
internal sealed record SettingType<T>(string LegalValues, TryParse<T> TryParse)
{
    /// <summary>The least and the most that a quantity may be; empty for what has no order.</summary>
    public ImmutableArray<string> Bounds { get; init; } = [];

    /// <summary>Words that it takes, for completion; empty when they cannot be listed.</summary>
    public ImmutableArray<string> Words { get; init; } = [];
}
