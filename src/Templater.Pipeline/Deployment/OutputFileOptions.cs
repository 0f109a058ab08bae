namespace Templater.Pipeline.Deployment;

/// <summary>Mode and owner of an output; what is unset is kept from an existing file.</summary>
public sealed record OutputFileOptions
{
    /// <summary>Mode of a new file when nothing else is said.</summary>
    public const int DefaultMode = 0b110_100_100;

    /// <summary>Permission bits, 0 to 0777; null = the existing file's, else <see cref="DefaultMode"/>.</summary>
    public int? Mode { get; init; }

    /// <summary>Whether a file that somebody else wrote may be replaced by the link of a group.</summary>
    public bool Adopts { get; init; }

    /// <summary>User id; null = the existing file's if that is permitted, else Templater's own.</summary>
    public int? Owner { get; init; }

    /// <summary>Group id; null as for <see cref="Owner"/>.</summary>
    public int? Group { get; init; }
}
