using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Templater.Pipeline.Rendering;

/// <summary>The names that one line of a configuration of HAProxy takes to one site, or to one account's thumbprint.</summary>
/// <param name="Line">The line's number, from 1: HAProxy calls the list by it.</param>
/// <param name="Names">The names.</param>
internal sealed record HostLine(int Line, ImmutableArray<string> Names);

/// <summary>
/// The exact names of hosts in a configuration of HAProxy: lines that say nothing but
/// <c>http-request set-var(txn.site) str(SITE) if { var(txn.host) -m str NAME … }</c>, or the same with <c>txn.thumbprint</c>. The names can be changed while HAProxy runs, the rest
/// of a line cannot, nor can the number of lines. A line that says more, such as another condition, is none of them. Pure.
/// </summary>
internal static class HostLines
{
    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._[]:"u8);
    private static readonly SearchValues<byte> Special = SearchValues.Create(" (){}\"'\\#"u8);

    private static ReadOnlySpan<byte> Start => "http-request set-var(txn.site) str("u8;

    private static ReadOnlySpan<byte> StartOfChallenges => "http-request set-var(txn.thumbprint) str("u8;

    private static ReadOnlySpan<byte> Condition => ") if { var(txn.host) -m str "u8;

    private static ReadOnlySpan<byte> End => " }"u8;

    /// <summary>The lines, in the order of the file.</summary>
    /// <param name="content">The configuration.</param>
    public static ImmutableArray<HostLine> Read(ReadOnlySpan<byte> content)
    {
        var lines = ImmutableArray.CreateBuilder<HostLine>();
        var number = 0;
        foreach (var range in content.Split((byte)'\n'))
        {
            number++;
            var line = content[range];
            if (TrySplit(line, out var names))
                lines.Add(new HostLine(number, [.. Encoding.ASCII.GetString(line[names]).Split(' ')]));
        }

        return lines.ToImmutable();
    }

    /// <summary>Finds the names in a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="names">Where they are.</param>
    /// <returns>False when it is another line.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> line, out Range names)
    {
        names = default;
        var text = line.TrimStart((byte)' ');
        var start = text.StartsWith(Start) ? Start.Length : text.StartsWith(StartOfChallenges) ? StartOfChallenges.Length : 0;
        if (start == 0 || !text.EndsWith(End))
            return false;
        var at = text.IndexOf(Condition);
        // A site's key that closes the bracket itself, or is more than a word, would make it another condition.
        if (at < 0 || text[start..at].IndexOfAny(Special) >= 0)
            return false;
        var first = line.Length - text.Length + at + Condition.Length;
        var end = line.Length - End.Length;
        if (first >= end)
            return false;
        foreach (var word in line[first..end].Split((byte)' '))
            if (!IsName(line[first..end][word]))
                return false;
        names = first..end;
        return true;
    }

    // What begins with a hyphen could be an option.
    private static bool IsName(ReadOnlySpan<byte> word) => !word.IsEmpty && word[0] != '-' && !word.ContainsAnyExcept(NameBytes);
}
