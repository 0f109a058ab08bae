using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>nginx names the address that it could not bind, and not the line that asks for it.</summary>
internal static partial class NginxBind
{
    /// <summary>The lines that listen on a port of which nginx complains; empty when it complains of none.</summary>
    /// <param name="output">What it wrote.</param>
    /// <param name="file">Its configuration.</param>
    public static ImmutableArray<int> LinesOf(string output, ReadOnlySpan<byte> file)
    {
        var ports = new HashSet<int>();
        foreach (Match match in Binds().Matches(output))
            if (int.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
                ports.Add(port);
        return ports.Count == 0 ? [] : [.. NginxListen.All(Encoding.UTF8.GetString(file)).Where(listen => ports.Contains(listen.Port)).Select(static listen => listen.Line)];
    }

    // Anchored at nginx's own beginning of a line: what a label says stands in quotes behind it.
    [GeneratedRegex(@"^[^\n\[""']*\[emerg\] (?:\d+#\d+: )?bind\(\) to [^ ""']*:(\d{1,5}) failed", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Multiline)]
    private static partial Regex Binds();
}
