namespace Templater.Pipeline.Inventory;

/// <summary>A file of the operator that a label names, or that is called like a host, as it lay there when the snapshot was taken.</summary>
public sealed record OperatorFile
{
    /// <summary>Kind of files with users and password hashes, in the directory of the setting <c>auth_dir</c>.</summary>
    public const string Passwords = "passwords";

    /// <summary>Kind of files with certificates of authorities, in the certificates directory.</summary>
    public const string Authority = "authority";

    /// <summary>Kind of files with directives of nginx, in the directory of the setting <c>vhost_dir</c>.</summary>
    public const string Include = "include";

    /// <summary>Kind of files with revoked certificates of clients, in the certificates directory.</summary>
    public const string Revocations = "revocations";

    /// <summary>Kind of files with parameters of the Diffie-Hellman exchange, in the certificates directory.</summary>
    public const string Parameters = "parameters";

    /// <summary>Kind of the files by which nginx-proxy's users replace parts of the configuration, beside its <c>vhost.d</c>.</summary>
    public const string Replacement = "replacement";

    /// <summary>The problem of a file that a label names and that is not there.</summary>
    internal const string Missing = "there is no such file";

    /// <summary>The problem of a directory in the place of a file: engines make one where a file that is to be mounted is missing.</summary>
    internal const string Folder = "it is a directory";

    /// <summary>The problem of a link that leads to nothing, or in circles.</summary>
    internal const string DeadLink = "it is a link that leads to no file";

    /// <summary>One of the kinds.</summary>
    public required string Kind { get; init; }

    /// <summary>The name that the label gives, or that was found: no path, but for <c>dhparam/dhparam.pem</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Where it lies, as Templater sees it.</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of its content; empty when it could not be read.</summary>
    public required string Digest { get; init; }

    /// <summary>Its text where routing reads it: users with their hashes. Secret; empty for all other kinds.</summary>
    public required string Text { get; init; }

    /// <summary>Why it cannot be used, a clause without the path; null when it can.</summary>
    public required string? Problem { get; init; }

    /// <summary>Names of nginx's directives in it, joined by blanks; empty for all other kinds.</summary>
    public string Directives { get; init => field = value ?? ""; } = "";

    /// <inheritdoc/>
    public override string ToString() => Path;
}
