using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Templater.Pipeline.Rendering;

/// <summary>What one slot of a backend of HAProxy is to hold.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Server">Name of the server.</param>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="IsParked">True when it gets nothing: the slot is free, or its container is down.</param>
internal sealed record ServerSlot(string Backend, string Server, IPAddress Address, int Port, int Weight, bool IsParked);

/// <summary>
/// The slots in a configuration of HAProxy: the lines <c>server NAME ADDRESS:PORT weight N …</c> that follow a comment which begins with
/// <c>templater:slots</c>. Address, weight, <c>disabled</c> at the end and the comment can be changed while HAProxy runs, the rest of a line
/// cannot. Pure.
/// </summary>
internal static class ServerSlots
{
    private static ReadOnlySpan<byte> Mark => "# templater:slots"u8;

    /// <summary>The slots, in the order of the file.</summary>
    /// <param name="content">The configuration.</param>
    public static ImmutableArray<ServerSlot> Read(ReadOnlySpan<byte> content)
    {
        var slots = ImmutableArray.CreateBuilder<ServerSlot>();
        var backend = "";
        var isWithin = false;
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            if (line.StartsWith("backend "u8))
                backend = Encoding.UTF8.GetString(line["backend "u8.Length..].Trim((byte)' '));
            isWithin = IsWithin(line, isWithin);
            if (isWithin && SlotLine.Of(line) is { IsSlot: true } slot)
                slots.Add(new ServerSlot(backend, Encoding.UTF8.GetString(slot.Name), slot.Address, slot.Port, slot.Weight, slot.IsParked));
        }

        return slots.ToImmutable();
    }

    /// <summary>Adds a configuration to a hash without what its slots hold, and without the names of <see cref="HostLines"/>.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="content">The configuration.</param>
    /// <returns>False when it has neither.</returns>
    public static bool AppendWithoutThem(IncrementalHash hash, ReadOnlySpan<byte> content)
    {
        var (found, isWithin) = (false, false);
        foreach (var range in content.Split((byte)'\n'))
        {
            var line = content[range];
            isWithin = IsWithin(line, isWithin);
            if (isWithin && SlotLine.Of(line) is { IsSlot: true } slot)
            {
                found = true;
                hash.AppendData(slot.Name);
                hash.AppendData(slot.Rest);
            }
            else if (HostLines.TrySplit(line, out var names))
            {
                found = true;
                hash.AppendData(line[..names.Start]);
                hash.AppendData("\0"u8);
            }
            else
            {
                hash.AppendData(line);
            }

            hash.AppendData("\n"u8);
        }

        return found;
    }

    private static bool IsWithin(ReadOnlySpan<byte> line, bool isWithin)
    {
        var text = line.TrimStart((byte)' ');
        return text.StartsWith(Mark) || (isWithin && text.StartsWith("server "u8));
    }

    // "server NAME ADDRESS:PORT weight N", then what cannot be changed, then "disabled", then a comment.
    private ref struct SlotLine
    {
        public bool IsSlot;
        public ReadOnlySpan<byte> Name;
        public ReadOnlySpan<byte> Rest;
        public IPAddress Address;
        public int Port;
        public int Weight;
        public bool IsParked;

        public static SlotLine Of(ReadOnlySpan<byte> line)
        {
            var rest = WithoutComment(line).Trim((byte)' ');
            if (!Word(ref rest).SequenceEqual("server"u8))
                return default;
            var slot = new SlotLine { Name = Word(ref rest) };
            var place = Word(ref rest);
            var colon = place.LastIndexOf((byte)':');
            if (colon < 1 || !TryNumber(place[(colon + 1)..], out slot.Port) || !TryAddress(place[..colon], out slot.Address))
                return default;
            if (!Word(ref rest).SequenceEqual("weight"u8) || !TryNumber(Word(ref rest), out slot.Weight))
                return default;
            slot.IsParked = rest.SequenceEqual("disabled"u8) || rest.EndsWith(" disabled"u8);
            slot.Rest = slot.IsParked ? rest[..^"disabled"u8.Length].TrimEnd((byte)' ') : rest;
            slot.IsSlot = true;
            return slot;
        }

        private static ReadOnlySpan<byte> Word(scoped ref ReadOnlySpan<byte> rest)
        {
            var end = rest.IndexOf((byte)' ');
            var word = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[end..].TrimStart((byte)' ');
            return word;
        }

        private static bool TryNumber(ReadOnlySpan<byte> text, out int number) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

        private static bool TryAddress(ReadOnlySpan<byte> text, out IPAddress address)
        {
            if (text is [(byte)'[', .. var inner, (byte)']'])
                text = inner;
            var isAddress = IPAddress.TryParse(Encoding.UTF8.GetString(text), out var found);
            address = found ?? IPAddress.None;
            return isAddress;
        }

        // A comment begins at the first # that is neither quoted nor escaped.
        private static ReadOnlySpan<byte> WithoutComment(ReadOnlySpan<byte> line)
        {
            var quote = (byte)0;
            for (var i = 0; i < line.Length; i++)
            {
                var character = line[i];
                if (quote != 0)
                    quote = character == quote ? (byte)0 : quote;
                else if (character == '\\')
                    i++;
                else if (character is (byte)'\'' or (byte)'"')
                    quote = character;
                else if (character == '#')
                    return line[..i];
            }

            return line;
        }
    }
}
