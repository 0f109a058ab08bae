using System.Text;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Rendering;
using Directory = System.IO.Directory;

namespace Templater.Pipeline.Certificates.Store;

/// <summary>
/// What configurations that are live, or may be again, say of certificates: the outputs' own files, and those that are kept to go back
/// to. Where one of them cannot be read, everything counts as mentioned.
/// </summary>
public sealed class CertificateReferences
{
    private const int MaxFiles = 10_000;
    private const int MaxFileBytes = 64 * 1024 * 1024;
    private readonly List<ReadOnlyMemory<byte>> _texts = [];
    private bool _isUnknown;

    private CertificateReferences()
    {
    }

    /// <summary>Out of texts.</summary>
    /// <param name="texts">Configurations.</param>
    public static CertificateReferences In(params IEnumerable<ReadOnlyMemory<byte>> texts)
    {
        var references = new CertificateReferences();
        references._texts.AddRange(texts);
        return references;
    }

    /// <summary>Reads all that may be live.</summary>
    /// <param name="state">The state directory, with what is kept to go back to.</param>
    /// <param name="outputs">The outputs' files.</param>
    public static CertificateReferences Read(StateDirectory state, IEnumerable<string> outputs)
    {
        ArgumentNullException.ThrowIfNull(state);
        var references = new CertificateReferences();
        foreach (var output in outputs)
        {
            references.AddFile(output);
            // HAProxy's lists of certificates lie beside the configuration that names them.
            var folder = Path.GetDirectoryName(output) ?? "/";
            references.AddFiles(folder, SideFile.ListPattern, SearchOption.TopDirectoryOnly);
            references.AddFolder(Path.Combine(folder, GroupPaths.Folder));
        }

        references.AddFolder(state["proven"]);
        references.AddFolder(state["archive"]);
        return references;
    }

    /// <summary>True when a certificate is mentioned in any of them.</summary>
    /// <param name="name">The certificate's name.</param>
    public bool Mention(string name)
    {
        // The directory in front of it may be another in the proxy's eyes.
        var stem = StoreName.OfCertificate(name);
        string[] marks = [$"/{Publication.LiveFolder}/{stem}/", $"/{CertificateArchive.Folder}/{stem}/", $"/{stem}.crt", $"/{stem}.key", $"/{stem}.pem", $"/{stem}.chain.pem"];
        return _isUnknown || marks.Select(Encoding.ASCII.GetBytes).Any(mark => _texts.Exists(text => text.Span.IndexOf(mark) >= 0));
    }

    private void AddFolder(string folder) => AddFiles(folder, "*", SearchOption.AllDirectories);

    private void AddFiles(string folder, string pattern, SearchOption depth)
    {
        try
        {
            if (!Directory.Exists(folder))
                return;
            foreach (var file in Directory.EnumerateFiles(folder, pattern, depth))
                AddFile(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _isUnknown = true;
        }
    }

    private void AddFile(string file)
    {
        try
        {
            if (_texts.Count == MaxFiles)
                _isUnknown = true;
            else
                _texts.Add(NamedFile.ReadBytes(file, MaxFileBytes));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // Gone, or not there yet.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _isUnknown = true;
        }
    }
}
