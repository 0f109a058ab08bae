using System.Diagnostics;
using System.Globalization;
using Templater.Cli.Explaining;
using Templater.Pipeline.Deployment;

namespace Templater.Cli.Status;

/// <summary>How phases and times are called in a status.</summary>
internal static class StatusWords
{
    private const int ShortLength = 6;

    /// <summary>A phase, as in the journal.</summary>
    public static string Of(DeliveryPhase phase) => phase switch
    {
        DeliveryPhase.Checked => "checked",
        DeliveryPhase.Swapped => "swapped",
        DeliveryPhase.Delivered => "delivered",
        DeliveryPhase.Proven => "proven",
        DeliveryPhase.Unproven => "unproven",
        DeliveryPhase.NotNeeded => "not-needed",
        DeliveryPhase.Refused => "refused",
        DeliveryPhase.RolledBack => "rolled-back",
        DeliveryPhase.Failed => "failed",
        _ => throw new UnreachableException(),
    };

    /// <summary>A phase in words for people.</summary>
    public static string Meaning(DeliveryPhase phase) => phase switch
    {
        DeliveryPhase.Checked => "about to be put in place",
        DeliveryPhase.Swapped => "in place, and the proxy has to be told",
        DeliveryPhase.Delivered => "the proxy was told, and has not been seen to take it yet",
        DeliveryPhase.Proven => "live, proven",
        DeliveryPhase.Unproven => "delivered (unproven)",
        DeliveryPhase.NotNeeded => "live, nobody had to be told",
        DeliveryPhase.Refused => "refused before it was in place",
        DeliveryPhase.RolledBack => "not taken; the last good one was put back",
        DeliveryPhase.Failed => "failed",
        _ => throw new UnreachableException(),
    };

    /// <summary>A generation by its number and the beginning of its id; a file that Templater did not render has neither.</summary>
    public static string Generation(int number, string id) =>
        id.Length == 0 ? "the file that was there before"
        : string.Create(CultureInfo.InvariantCulture, $"{(number > 0 ? $"{number} " : "")}({VisibleText.Of(id[..Math.Min(id.Length, ShortLength)])})");

    /// <summary>A moment of a second, with its day when that is not today.</summary>
    public static string Moment(DateTimeOffset at, DateTimeOffset now) =>
        at.UtcDateTime.ToString(at.UtcDateTime.Date == now.UtcDateTime.Date ? "HH:mm:ss.fff'Z'" : "yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time that something took: milliseconds matter while there are few.</summary>
    public static string Took(TimeSpan span) => span switch
    {
        { TotalMilliseconds: < 1000 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (long)span.TotalMilliseconds)} ms"),
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.0} s"),
        _ => ExplanationText.Span(span),
    };
}
