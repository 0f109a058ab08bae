using System.Collections.Immutable;
using Templater.Pipeline.Inventory;

namespace Templater.Pipeline.Explaining;

/// <summary>What an explanation is about.</summary>
public enum SubjectKind
{
    /// <summary>One container.</summary>
    Container,
    /// <summary>One host.</summary>
    Host,
}

/// <summary>How far something is routed.</summary>
public enum Standing
{
    /// <summary>All that it asks for.</summary>
    Routed,
    /// <summary>Some of it.</summary>
    Partly,
    /// <summary>Nothing.</summary>
    NotRouted,
}

/// <summary>
/// Why one output routes something as it does: facts and decisions, in the order in which they were made. All texts are safe to
/// print: control characters are visible, secrets are not there.
/// </summary>
public sealed record Explanation
{
    /// <summary>What it is about.</summary>
    public required SubjectKind Kind { get; init; }

    /// <summary>Name of the container, or the host.</summary>
    public required string Subject { get; init; }

    /// <summary>Name of the output.</summary>
    public required string Output { get; init; }

    /// <summary>How far it is routed.</summary>
    public required Standing Standing { get; init; }

    /// <summary>Why it is not (fully) routed, one of <see cref="ReasonIds"/>; null when it is.</summary>
    public string? Reason { get; init; }

    /// <summary>The same as a sentence with the facts; empty when routed.</summary>
    public string Detail { get; init; } = "";

    /// <summary>What to do about it; null when there is nothing to do.</summary>
    public string? WayOut { get; init; }

    /// <summary>The container; null for a host.</summary>
    public Container? Container { get; init; }

    /// <summary>Hosts that it asks for, as written.</summary>
    public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>The dialect that was read, as the setting names it; null when none names a host.</summary>
    public string? Dialect { get; init; }

    /// <summary>Labels and variables that were read.</summary>
    public ImmutableArray<SourceLabel> Labels { get; init; } = [];

    /// <summary>The decisions that need no list of their own, in their order.</summary>
    public ImmutableArray<ExplainedStep> Steps { get; init; } = [];

    /// <summary>The container's networks.</summary>
    public ImmutableArray<ExplainedNetwork> Networks { get; init; } = [];

    /// <summary>The port; null when the decision was made before.</summary>
    public ExplainedPort? Port { get; init; }

    /// <summary>What the host does on which port: <c>http 80 -> redirect 308, https 443</c>; empty when it is not served.</summary>
    public string Listens { get; init; } = "";

    /// <summary>The routes that it has or is behind.</summary>
    public ImmutableArray<ExplainedRoute> Routes { get; init; } = [];

    /// <summary>The TCP and UDP streams that it has or asks for.</summary>
    public ImmutableArray<ExplainedStreamRoute> Streams { get; init; } = [];

    /// <summary>Places that several applications claim.</summary>
    public ImmutableArray<ExplainedConflict> Conflicts { get; init; } = [];

    /// <summary>The certificate in use; null when there is none.</summary>
    public ExplainedCertificate? Certificate { get; init; }

    /// <summary>What is known of the certificate that is to be obtained and not there; empty when nothing is, null when there is none.</summary>
    public string? PendingCertificate { get; init; }

    /// <summary>Settings with where they come from.</summary>
    public ImmutableArray<ExplainedSetting> Settings { get; init; } = [];

    /// <summary>What else is to be said about it.</summary>
    public ImmutableArray<Finding> Warnings { get; init; } = [];

    /// <summary>Where it is in the output; null when nothing was rendered.</summary>
    public ExplainedOutput? File { get; init; }
}

/// <summary>A label, or a variable, of a container.</summary>
/// <param name="Container">Name of the container.</param>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value, without secrets.</param>
public sealed record SourceLabel(string Container, string Key, string Value);

/// <summary>One decision.</summary>
/// <param name="Name">What was decided.</param>
/// <param name="Value">What came of it.</param>
/// <param name="Why">By what.</param>
public sealed record ExplainedStep(string Name, string Value, string Why = "");

/// <summary>One of a container's networks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsShared">Whether the proxy reaches addresses on it.</param>
/// <param name="Address">The container's address on it; empty when there is none.</param>
/// <param name="IsUsed">Whether the proxy uses it for the container, or would.</param>
/// <param name="IsDefaultGateway">Whether what the container sends out leaves there.</param>
/// <param name="Why">Why it can be used or not.</param>
public sealed record ExplainedNetwork(string Name, bool IsShared, string Address, bool IsUsed, bool IsDefaultGateway, string Why);

/// <summary>The port of a container.</summary>
/// <param name="Value">The port; null when none could be chosen.</param>
/// <param name="From">By what it was chosen.</param>
/// <param name="Candidates">The TCP ports that the container exposes.</param>
public sealed record ExplainedPort(int? Value, string From, ImmutableArray<int> Candidates);

/// <summary>A route.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">The path, as a label would say it.</param>
/// <param name="Does">What it does: <c>http, roundrobin, keepalive 4</c>, or where it redirects to.</param>
/// <param name="Upstream">Name of the upstream; empty for a redirect.</param>
/// <param name="Servers">The servers, and those that are none now.</param>
/// <param name="Status"><c>served</c>, <c>redirects</c>, <c>closed</c>, or <c>no server</c>.</param>
public sealed record ExplainedRoute(string Host, string Path, string Does, string Upstream, ImmutableArray<ExplainedServer> Servers, string Status);

/// <summary>A TCP or UDP stream.</summary>
/// <param name="Listen">Port, with names if there are any: <c>8883 mqtt.example.com</c>.</param>
/// <param name="Does">What it does: <c>tcp, roundrobin, idle 10m</c>.</param>
/// <param name="Upstream">Name of the upstream; empty when it is not served.</param>
/// <param name="Server">The container's server, or why there is none.</param>
/// <param name="Status"><c>served</c> or <c>not served</c>.</param>
public sealed record ExplainedStreamRoute(string Listen, string Does, string Upstream, ExplainedServer Server, string Status);

/// <summary>A server of a route.</summary>
/// <param name="Address">Address and port; empty when not known.</param>
/// <param name="Container">Name of its container.</param>
/// <param name="State"><c>up</c>, <c>drain</c>, <c>down</c>; <c>-</c> for one that is not included.</param>
/// <param name="Why">Where address and port come from, or why it is not included.</param>
public sealed record ExplainedServer(string Address, string Container, string State, string Why);

/// <summary>A place that several applications claim.</summary>
/// <param name="Host">The host.</param>
/// <param name="Path">The path.</param>
/// <param name="Winner">Who has it.</param>
/// <param name="Losers">Who wanted it.</param>
/// <param name="Rule">How that was decided.</param>
/// <param name="Also">What else they say differently: <c>templater.https differs: redirect (old, used) / off (new)</c>.</param>
public sealed record ExplainedConflict(
    string Host, string Path, ExplainedClaimant Winner, ImmutableArray<ExplainedClaimant> Losers, string Rule, ImmutableArray<string> Also);

/// <summary>Who claims a place.</summary>
/// <param name="Container">Name of the container.</param>
/// <param name="Application">Which application it belongs to.</param>
/// <param name="Priority">The claim's priority.</param>
/// <param name="Age">How old the container is.</param>
/// <param name="Image">Its image.</param>
public sealed record ExplainedClaimant(string Container, string Application, int Priority, string Age, string Image);

/// <summary>A certificate in use.</summary>
/// <param name="Name">Its name.</param>
/// <param name="NotAfter">When it ends.</param>
/// <param name="DaysLeft">Whole days until then; negative when it has ended.</param>
public sealed record ExplainedCertificate(string Name, DateTimeOffset NotAfter, int DaysLeft);

/// <summary>A setting.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Value">Its value.</param>
/// <param name="From"><c>default</c> or <c>label</c>.</param>
public sealed record ExplainedSetting(string Key, string Value, string From);

/// <summary>Where something is in an output.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Lines">The lines that come from it; empty when none does.</param>
/// <param name="Live">What is known about the generation; null offline.</param>
public sealed record ExplainedOutput(string File, ImmutableArray<LineRange> Lines, LiveGeneration? Live);

/// <summary>A range of lines.</summary>
/// <param name="First">First line, from 1.</param>
/// <param name="Last">Last line, inclusive.</param>
public readonly record struct LineRange(int First, int Last);

/// <summary>The generation of an output that its journal knows.</summary>
/// <param name="Number">Its number.</param>
/// <param name="IsCurrent">Whether what was explained is that generation.</param>
/// <param name="IsLive">Whether the proxy runs it.</param>
/// <param name="Since">When it became what it is.</param>
/// <param name="Proof">How that is known; may be empty.</param>
public sealed record LiveGeneration(int Number, bool IsCurrent, bool IsLive, DateTimeOffset? Since, string Proof);
