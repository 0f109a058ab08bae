namespace Templater.Pipeline.Routing;

/// <summary>
/// What a request's path becomes on the way to the container, in the way of nginx's <c>proxy_pass</c>. Made by a closed grammar,
/// so that it is safe to print within double quotes of nginx's language.
/// </summary>
/// <param name="Nginx">What stands behind the upstream's name.</param>
public sealed record Destination(string Nginx)
{
    /// <summary>True when it has variables, and is the whole path and query; else it replaces the path that the route names.</summary>
    public bool HasVariables { get; init; }

    /// <summary>True when some of them hold parts of the decoded path, which may have characters that no request line can hold.</summary>
    public bool IsDecoded { get; init; }
}
