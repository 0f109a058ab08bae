using System.Collections.Immutable;
using System.Globalization;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>timespan</c>.</summary>
internal static class TimeSpanFunctions
{
    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Scalar("timespan.zero", "No time at all.", Duration, _ => TemplateValue.From(TimeSpan.Zero)),
        Scalar("timespan.from_days", "That many days.", Duration, c => From(c, TimeSpan.TicksPerDay), In("days", Number)),
        Scalar("timespan.from_hours", "That many hours.", Duration, c => From(c, TimeSpan.TicksPerHour), In("hours", Number)),
        Scalar("timespan.from_minutes", "That many minutes.", Duration, c => From(c, TimeSpan.TicksPerMinute), In("minutes", Number)),
        Scalar("timespan.from_seconds", "That many seconds.", Duration, c => From(c, TimeSpan.TicksPerSecond), In("seconds", Number)),
        Scalar("timespan.from_milliseconds", "That many milliseconds.", Duration, c => From(c, TimeSpan.TicksPerMillisecond), In("millis", Number)),
        Scalar("timespan.parse", "The duration that a text such as 1.02:03:04 says.", Duration, Parse, In("text", Text)),
    ];

    private static TemplateValue From(FunctionCall call, long unit)
    {
        var ticks = Language.Convert.ToDouble(call, 0) * unit;
        return Math.Abs(ticks) < long.MaxValue ? TemplateValue.From(new TimeSpan((long)ticks)) : throw RuntimeErrors.Overflow(call.Span);
    }

    private static TemplateValue Parse(FunctionCall call)
    {
        return TimeSpan.TryParse(call.Text(0), CultureInfo.InvariantCulture, out var span) ? TemplateValue.From(span) : throw call.Error("the text is not a duration");
    }
}
