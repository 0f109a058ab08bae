using Templater.Pipeline.Routing.Names;

namespace Templater.Pipeline.Routing.Dialects.Traefik;

/// <summary>Why a router cannot be honoured.</summary>
/// <param name="Option">The label; null when one is missing.</param>
/// <param name="Reason">One of <see cref="ReasonIds"/>.</param>
/// <param name="Text">A clause without a full stop.</param>
internal sealed record LabelProblem(TraefikOption? Option, string Reason, string Text)
{
    /// <summary>False when the value may be a secret.</summary>
    public bool ShowsValue { get; init; } = true;

    /// <summary>A value that is none.</summary>
    /// <param name="option">The label.</param>
    /// <param name="legal">What was expected.</param>
    /// <param name="reason">One of <see cref="ReasonIds"/>.</param>
    public static LabelProblem Expected(TraefikOption option, string legal, string reason = ReasonIds.InvalidValue) => new(option, reason, $"{legal} was expected");

    /// <summary>Something that Traefik does and nothing here.</summary>
    /// <param name="option">The label.</param>
    /// <param name="why">A clause.</param>
    public static LabelProblem Unsupported(TraefikOption option, string why) => new(option, ReasonIds.UnsupportedOption, why);

    /// <summary>A value that nothing reads; null when it is none.</summary>
    /// <param name="option">The label.</param>
    public static LabelProblem? Unreadable(TraefikOption option) => Untrusted.IsReadable(option.Value)
        ? null
        : Expected(option, $"text of at most {Untrusted.MaxValueBytes} bytes") with { ShowsValue = false };

    /// <summary>The problem as one clause.</summary>
    public string Detail => Option is null ? Text
        : ShowsValue ? $"{Untrusted.Shown(Option.Label)}=\"{Untrusted.Shown(Option.Value)}\": {Text}"
        : $"{Untrusted.Shown(Option.Label)}: {Text}";
}
