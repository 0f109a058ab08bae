using System.Collections.Immutable;

namespace Templater.Pipeline.Deployment.Preflight;

/// <summary>Who owns a file and who may read it.</summary>
/// <param name="Path">The file, or a folder above it.</param>
/// <param name="Uid">Its user.</param>
/// <param name="Gid">Its group.</param>
/// <param name="Mode">Its permission bits.</param>
public sealed record FileFacts(string Path, uint Uid, uint Gid, uint Mode)
{
    /// <summary>The file of a path and the folders above it, up to one of them; those that cannot be seen are left out.</summary>
    /// <param name="path">Absolute path of a file.</param>
    /// <param name="top">The uppermost folder.</param>
    public static ImmutableArray<FileFacts> Above(string path, string top)
    {
        var facts = ImmutableArray.CreateBuilder<FileFacts>();
        for (var at = path; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (UnixFile.Owner(at) is { } owner)
                facts.Add(new FileFacts(at, owner.Uid, owner.Gid, owner.Mode));
            if (at.Length <= top.TrimEnd('/').Length)
                break;
        }

        return facts.ToImmutable();
    }

    /// <summary>Owner and mode for messages, <c>65532:65532, 0640</c>.</summary>
    public string Describe() => $"{Uid}:{Gid}, 0{Convert.ToString(Mode, 8).PadLeft(3, '0')}";
}
