using Templater.Language;
using Templater.Pipeline.Inventory;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>A container with what routing decided about it.</summary>
internal sealed record ContainerSource(Container Container, string? Reason, bool IsRouted);

/// <summary>What templates see of containers.</summary>
internal static class ContainerModel
{
    public static readonly ModelObject<ImageReference> Image = new("image",
    [
        new("name", Untrusted, "The whole reference.", image => UntrustedText(image.ToString())),
        new("registry", Untrusted, "Registry with port; empty for the default one.", image => UntrustedText(image.Registry)),
        new("repository", Untrusted, "Repository, such as my/shop.", image => UntrustedText(image.Repository)),
        new("tag", Untrusted, "Tag; empty when absent.", image => UntrustedText(image.Tag)),
        new("digest", Untrusted, "Digest; empty when absent.", image => UntrustedText(image.Digest)),
    ]);

    public static readonly ModelObject<Endpoint> Endpoint = new("endpoint",
    [
        new("name", Untrusted, "Name of the network.", endpoint => UntrustedText(endpoint.NetworkName)),
        new("id", Plain, "Id of the network; empty for a container that was never started.", endpoint => PlainText(endpoint.NetworkId)),
        new("ipv4", Plain, "IPv4 address on it; may be empty.", endpoint => PlainText(endpoint.IPv4)),
        new("ipv6", Plain, "IPv6 address on it; may be empty.", endpoint => PlainText(endpoint.IPv6)),
        new("gateway", Plain, "IPv4 gateway; may be empty.", endpoint => PlainText(endpoint.Gateway)),
        new("aliases", UntrustedList, "DNS names on that network.", endpoint => UntrustedTexts(endpoint.Aliases)),
    ]);

    public static readonly ModelObject<ContainerPort> Port = new("port",
    [
        new("number", Number, "Port inside the container.", port => Whole(port.Number)),
        new("protocol", Plain, "tcp, udp or sctp.", port => PlainText(port.Protocol)),
        new("published", Number, "Port on the host; 0 when only exposed.", port => Whole(port.Published)),
    ]);

    public static readonly ModelObject<Mount> Mount = new("mount",
    [
        new("type", Plain, "bind, volume, tmpfs, …", mount => PlainText(mount.Type)),
        new("name", Untrusted, "Name of the volume; empty for binds.", mount => UntrustedText(mount.Name)),
        new("source", Untrusted, "Path on the host.", mount => UntrustedText(mount.Source)),
        new("destination", Untrusted, "Path in the container.", mount => UntrustedText(mount.Destination)),
        new("read_write", Flag, "False when mounted read-only.", mount => Truth(mount.ReadWrite)),
    ]);

    public static readonly ModelObject<ComposeIdentity> Compose = new("compose",
    [
        new("project", Untrusted, "Project.", compose => UntrustedText(compose.Project)),
        new("service", Untrusted, "Service.", compose => UntrustedText(compose.Service)),
        new("number", Number, "Number of the replica, from 1; 0 when unknown.", compose => Whole(compose.Number)),
    ]);

    public static readonly ModelObject<SwarmIdentity> Swarm = new("swarm",
    [
        new("service", Untrusted, "Service.", swarm => UntrustedText(swarm.Service)),
        new("stack", Untrusted.OrNull(), "Stack; null outside stacks.", swarm => UntrustedText(swarm.Stack)),
        new("task_id", Plain, "Id of the task.", swarm => PlainText(swarm.TaskId)),
    ]);

    public static readonly ModelObject<ContainerSource> Container = new("container",
    [
        new("id", Plain, "The engine's id.", source => PlainText(source.Container.Id.Value)),
        new("short_id", Plain, "First twelve characters of the id.", source => PlainText(source.Container.Id.ShortId)),
        new("name", Untrusted, "Name without leading slash.", source => UntrustedText(source.Container.Name)),
        new("image", Image.Type, "The image.", source => TemplateValue.From(Image.Of(source.Container.Image))),
        new("state", Plain, "created, running, paused, restarting, removing, exited, dead or unknown.", source => Word(source.Container.State)),
        new("health", Plain, "none, starting, healthy or unhealthy.", source => Word(source.Container.Health)),
        new("created", Date, "When it was created.", source => Moment(source.Container.Created)),
        new("started", Date.OrNull(), "When it was last started; null if never.", source => Moment(source.Container.Started)),
        new("labels", UntrustedMap, "Its labels, by key.", source => UntrustedEntries(source.Container.Labels, "labels")),
        new("env", UntrustedMap, "The part of its environment that the settings let through.", source => UntrustedEntries(source.Container.Env, "env")),
        new("networks", new TemplateType.ListOf(Endpoint.Type), "Its networks, by name.", source => Endpoint.ListOf(source.Container.Endpoints)),
        new("ports", new TemplateType.ListOf(Port.Type), "Its ports, by number.", source => Port.ListOf(source.Container.Ports)),
        new("mounts", new TemplateType.ListOf(Mount.Type), "What is mounted into it, by destination.", source => Mount.ListOf(source.Container.Mounts)),
        new("network_mode", Untrusted, "A network's name, host, none or container:ID.", source => UntrustedText(source.Container.NetworkMode)),
        new("user", Untrusted, "User it runs as; empty for the image's own.", source => UntrustedText(source.Container.User)),
        new("compose", Compose.Type.OrNull(), "Where compose put it; null outside compose.", source => Optional(Compose, source.Container.Compose)),
        new("swarm", Swarm.Type.OrNull(), "Where Swarm put it; null outside Swarm.", source => Optional(Swarm, source.Container.Swarm)),
        new("routed", Flag, "Whether this output routes requests to it.", source => Truth(source.IsRouted)),
        new("reason", Plain.OrNull(), "Why it is not (fully) routed; null when it is.", source => PlainText(source.Reason)),
    ], isOwner: true);
}
