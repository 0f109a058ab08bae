using System.Globalization;
using System.Text;

namespace Templater.Pipeline.Deployment.Proving.Nginx;

/// <summary>The files of an output that a proof compares.</summary>
/// <param name="file">The one in place.</param>
/// <param name="journal">Knows the ones before it.</param>
internal sealed class ProvenFiles(OutputFile file, Journal journal)
{
    /// <summary>The configuration in place, without further files; empty when it cannot be read.</summary>
    public string Present => file.Read() is { } bytes ? Encoding.UTF8.GetString(bytes) : "";

    /// <summary>All that is in place; empty when it cannot be read.</summary>
    public string All => file.ReadSet() is { } set ? TextOf(set) : "";

    /// <summary>All that was live last; null when nothing was, or it cannot be read.</summary>
    public string? LastGood
    {
        get
        {
            try
            {
                return journal.ReadGood() is { } bytes ? TextOf(OutputSet.Of(bytes)) : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>How messages call a generation that something answers with.</summary>
    /// <param name="generation">Its id.</param>
    public string NameOf(string generation)
    {
        var state = journal.State;
        var number = state.History.Append(state.Current).LastOrDefault(entry => entry?.Generation == generation)?.Number
            ?? (state.LastGood?.Generation == generation ? state.LastGood.Number : 0);
        return number > 0 ? string.Create(CultureInfo.InvariantCulture, $"generation {number}") : $"{generation}, which is no generation of this output that is known";
    }

    /// <summary>A configuration with its further files.</summary>
    /// <param name="set">Both.</param>
    public static string TextOf(OutputSet set) =>
        string.Join('\n', set.Files.Select(static further => further.Content).Prepend(set.Content).Select(static content => Encoding.UTF8.GetString(content.Span)));
}
