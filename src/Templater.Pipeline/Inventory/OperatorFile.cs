namespace Templater.Pipeline.Inventory;

/// <summary>A file of the operator that a label names, as it lay there when the snapshot was taken.</summary>
public sealed record OperatorFile
{
    /// <summary>Kind of files with users and password hashes, in the directory of the setting <c>auth_dir</c>.</summary>
    public const string Passwords = "passwords";

    /// <summary>Kind of files with certificates of authorities, in the certificates directory.</summary>
    public const string Authority = "authority";

    /// <summary><see cref="Passwords"/> or <see cref="Authority"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The name that the label gives: no path.</summary>
    public required string Name { get; init; }

    /// <summary>Where it lies, as Templater sees it.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of its content; empty when it could not be read.</summary>
    public required string Digest { get; init; }

    /// <summary>Its text where routing reads it: users with their hashes. Secret; empty for all other kinds.</summary>
    public required string Text { get; init; }

    /// <summary>Why it cannot be used, a clause without the path; null when it can.</summary>
    public required string? Problem { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Path;
}
