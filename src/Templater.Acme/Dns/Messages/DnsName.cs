using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Templater.Acme.Dns.Messages;

/// <summary>
/// An absolute name of the DNS in the form that it has in a message without compression (RFC 1035 section 3.1), in lower case: two
/// names that differ only in case are the same one (section 2.3.3). Any byte may stand in a label.
/// </summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    /// <summary>Most bytes of a name with its length bytes (RFC 1035 section 2.3.4).</summary>
    public const int MaxLength = 255;

    /// <summary>Most bytes of one label (RFC 1035 section 2.3.4).</summary>
    public const int MaxLabelLength = 63;

    private readonly byte[] _wire;

    private DnsName(byte[] wire) => _wire = wire;

    /// <summary>The name above all names.</summary>
    public static DnsName Root { get; } = new([0]);

    /// <summary>Length byte and bytes of each label, and a zero at the end.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>Whether it is <see cref="Root"/>.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>The name without its first label; of the root the root.</summary>
    public DnsName Parent => IsRoot ? this : new(_wire[(_wire[0] + 1)..]);

    /// <summary>A name of a text, with or without the dot at the end; without escapes.</summary>
    /// <param name="text">ASCII; names in other alphabets are converted before (<see cref="Protocol.Identifier.Dns"/>).</param>
    /// <exception cref="DnsException">No name: an empty or too long label, too long, or no printable ASCII.</exception>
    public static DnsName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new DnsException($"'{Shown(text)}' is no name of the DNS: each label has 1 to {MaxLabelLength} characters of ASCII, and all together at most {MaxLength - 2}");

    /// <summary>As <see cref="Parse"/>, without an exception.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name, where it is one.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (text is "" or ".")
        {
            name = text == "." ? Root : null;
            return name is not null;
        }

        var labels = (text.EndsWith('.') ? text[..^1] : text).Split('.');
        if (text.Length > MaxLength || labels.Any(label => label.Length is 0 or > MaxLabelLength || label.Any(character => character is <= ' ' or > '~' or '\\')))
            return false;
        var wire = Join(labels.Select(label => Encoding.ASCII.GetBytes(label)));
        if (wire.Length <= MaxLength)
            name = new(wire);
        return name is not null;
    }

    /// <summary>The name of labels that were read out of a message.</summary>
    /// <param name="labels">Each of 1 to <see cref="MaxLabelLength"/> bytes, not longer together than <see cref="MaxLength"/>.</param>
    public static DnsName Of(IEnumerable<byte[]> labels) => new(Join(labels));

    /// <summary>This name with a label in front.</summary>
    /// <param name="label">One label.</param>
    /// <exception cref="DnsException">It becomes too long.</exception>
    public DnsName Prepend(string label) => Parse(IsRoot ? label : $"{label}.{this}");

    /// <summary>Whether it is <paramref name="ancestor"/> or below that.</summary>
    /// <param name="ancestor">The name that may be above.</param>
    public bool IsWithin(DnsName ancestor)
    {
        var name = this;
        while (name._wire.Length > ancestor._wire.Length)
            name = name.Parent;
        return name.Equals(ancestor);
    }

    /// <summary>The text with a dot at its end; bytes that are no letter, digit, hyphen, underscore or star are written as RFC 1035 section 5.1 does (<c>\DDD</c>).</summary>
    public override string ToString()
    {
        if (IsRoot)
            return ".";
        var text = new StringBuilder();
        for (var start = 0; _wire[start] != 0; start += _wire[start] + 1)
        {
            foreach (var value in _wire.AsSpan(start + 1, _wire[start]))
            {
                if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'_' or (byte)'*')
                    text.Append((char)value);
                else
                    text.Append(CultureInfo.InvariantCulture, $"\\{value:D3}");
            }

            text.Append('.');
        }

        return text.ToString();
    }

    /// <summary>As <see cref="ToString"/> without the dot at the end, as people write it.</summary>
    public string ToText() => IsRoot ? "." : ToString()[..^1];

    /// <inheritdoc/>
    public bool Equals(DnsName? other) => other is not null && _wire.AsSpan().SequenceEqual(other._wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_wire);
        return hash.ToHashCode();
    }

    private static byte[] Join(IEnumerable<byte[]> labels)
    {
        var wire = new List<byte>();
        foreach (var label in labels)
        {
            wire.Add((byte)label.Length);
            wire.AddRange(label.Select(value => value is >= (byte)'A' and <= (byte)'Z' ? (byte)(value + 32) : value));
        }

        wire.Add(0);
        return [.. wire];
    }

    private static string Shown(string text) => text.Length <= MaxLength ? text : text[..MaxLength] + "…";
}
