namespace Templater.Pipeline.Routing;

/// <summary>A file of the operator with directives of nginx that becomes a part of the configuration.</summary>
/// <param name="Path">Where it lies, as Templater sees it.</param>
/// <param name="Digest">Digest of its content; empty when only the proxy can read it.</param>
/// <param name="Directives">Names of the directives in it, joined by blanks.</param>
public sealed record IncludedFile(string Path, string Digest, string Directives);
