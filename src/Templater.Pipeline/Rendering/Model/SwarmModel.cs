using Templater.Language;
using Templater.Pipeline.Inventory;
using static Templater.Pipeline.Rendering.Model.ModelValues;

namespace Templater.Pipeline.Rendering.Model;

/// <summary>What templates see of a Swarm.</summary>
internal static class SwarmModel
{
    public static readonly ModelObject<SwarmService> Service = new("service",
    [
        new("id", Plain, "The Swarm's id.", service => PlainText(service.Id)),
        new("name", Untrusted, "Its name.", service => UntrustedText(service.Name)),
        new("stack", Untrusted.OrNull(), "The stack that it belongs to; null outside stacks.", service => UntrustedText(service.Stack)),
        new("labels", UntrustedMap, "Its labels, by key.", service => UntrustedEntries(service.Labels, "labels")),
        new("created", Date, "When it was created.", service => Moment(service.Created)),
        new("mode", Plain, "replicated, global, …", service => PlainText(service.Mode)),
        new("replicas", Number.OrNull(), "How many tasks it is to have; null where that is no number, as in mode global.", service =>
            service.Replicas is { } replicas ? Whole(replicas) : TemplateValue.Null),
        new("update_state", Plain, "How far its last update is, such as updating; empty when there was none.", service => PlainText(service.UpdateState)),
        new("networks", new TemplateType.ListOf(ContainerModel.Endpoint.Type), "Its virtual addresses, by network.", service => ContainerModel.Endpoint.ListOf(service.Endpoints)),
        new("ports", new TemplateType.ListOf(ContainerModel.Port.Type), "Its published ports, as the tasks see them.", service => ContainerModel.Port.ListOf(service.Ports)),
    ]);

    public static readonly ModelObject<SwarmTask> Task = new("task",
    [
        new("id", Plain, "The Swarm's id.", task => PlainText(task.Id)),
        new("service", Untrusted, "Name of the service.", task => UntrustedText(task.Service)),
        new("slot", Number, "Number among the replicas, from 1; 0 in mode global.", task => Whole(task.Slot)),
        new("node", Untrusted, "Host name of its node; empty while none was chosen.", task => UntrustedText(task.Node)),
        new("state", Plain, "What it does: starting, running, …", task => PlainText(task.State)),
        new("desired_state", Plain, "What it is meant to do: running, shutdown, …", task => PlainText(task.DesiredState)),
        new("container_id", Plain, "Id of its container; empty while there is none.", task => PlainText(task.ContainerId)),
        new("networks", new TemplateType.ListOf(ContainerModel.Endpoint.Type), "Its addresses, by network.", task => ContainerModel.Endpoint.ListOf(task.Endpoints)),
    ]);

    public static readonly ModelObject<SwarmNode> Node = new("node",
    [
        new("id", Plain, "The Swarm's id.", node => PlainText(node.Id)),
        new("name", Untrusted, "Its host name.", node => UntrustedText(node.Name)),
        new("role", Plain, "manager or worker.", node => PlainText(node.Role)),
        new("availability", Plain, "active, pause or drain.", node => PlainText(node.Availability)),
        new("state", Plain, "ready, down, disconnected or unknown.", node => PlainText(node.State)),
        new("address", Plain, "Its address; may be empty.", node => PlainText(node.Address)),
        new("labels", UntrustedMap, "Its labels, by key.", node => UntrustedEntries(node.Labels, "labels")),
    ]);
}
