using System.Buffers.Binary;
using System.Collections.Immutable;
using static Templater.Language.Define;

namespace Templater.Language;

/// <summary>The functions of <c>math</c> that know no answer. Their chance comes from the options' seed: the same inputs give the same bytes.</summary>
internal static class ChanceFunctions
{
    public static ImmutableArray<FunctionDefinition> All { get; } =
    [
        Scalar("math.random", "A whole number from the first one up to, not including, the second one; the same ones in each render.", Number, Next, In("min_value", Number), In("max_value", Number)),
        TextOf("math.uuid", "A new UUID; the same ones in each render.", NewUuid) with { Result = static _ => Text },
    ];

    private static TemplateValue Next(FunctionCall call)
    {
        var (lowest, end) = (call.Integer(0), call.Integer(1));
        if (lowest >= end)
            throw call.Wrong(0, $"less than {end}");
        return TemplateValue.From(lowest + (long)call.Context.Chance.Below((ulong)end - (ulong)lowest));
    }

    private static string NewUuid(FunctionCall call)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, call.Context.Chance.Next());
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], call.Context.Chance.Next());
        // Version 4 of RFC 9562: from chance.
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }
}
