using System.Collections.Frozen;
using Templater.Pipeline;

namespace Templater.Cli.Commands;

/// <summary>One paragraph about each of <see cref="ReasonIds"/>: what it means, what follows, and the way out. Printed by <c>templater help REASON</c>.</summary>
internal static class ReasonTexts
{
    private static readonly FrozenDictionary<string, string> Texts = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [ReasonIds.NotRunning] = "The container is not running: it was stopped, has ended, or is paused. Its address is kept out of the configuration and comes back when it starts.",
        [ReasonIds.Starting] = "The container has a health check that has not succeeded yet. It is routed once it does. templater.health=any routes it at once.",
        [ReasonIds.Unhealthy] = "The container's health check fails. It gets no requests until it succeeds again; \"docker inspect\" shows what the check printed. templater.health=any ignores the check.",
        [ReasonIds.NotReadyYet] = "The container runs, and the time of its label ready-after has not passed yet.",
        [ReasonIds.HeldDown] = "The container restarts again and again. It waits a while before it gets requests, so that the proxy is not reloaded at each of its starts.",
        [ReasonIds.Draining] = "The container is about to end: it keeps the connections that it has and gets no new ones.",
        [ReasonIds.Disabled] = "The label templater.enable is false. Remove it, or set it to true, to route the container.",
        [ReasonIds.NoHost] = "No label names a host for the container, so nothing asks for it to be routed. Set templater.host, com.chameth.vhost or VIRTUAL_HOST.",
        [ReasonIds.OtherInstance] = "The label templater.instance names another Templater, or none while this one has a name. Compare it with the setting instance.",
        [ReasonIds.IsProxy] = "The container is itself the proxy of an output (templater.proxy), so it is reloaded and not routed. A label that makes an application a proxy by mistake should be removed.",
        [ReasonIds.InvalidHost] = "A host label is no host name, wildcard, regular expression or address. Only names, without scheme, path or port, are hosts; several are separated by commas. The other names of the label are served.",
        [ReasonIds.InvalidPath] = "A path label is no path: it has to begin with a slash, without dot segments or double slashes, or be =/exact or ~expression. The route is refused, since another path could open what was meant to be closed.",
        [ReasonIds.InvalidPort] = "A port label is no number from 1 to 65535. The route is refused until it is.",
        [ReasonIds.InvalidValue] = "The value of a label that decides who may reach what is not legal. The route is refused, because serving it without the label would open it to everybody.",
        [ReasonIds.PortAmbiguous] = "The image exposes several ports, 80 is not among them, and no label chooses one. Set templater.port.",
        [ReasonIds.NoPort] = "No port is known: the image exposes none and no label names one. Set templater.port.",
        [ReasonIds.NoSharedNetwork] = "The container and the proxy have no network in common, so the proxy could not reach it. Attach one of them to a network of the other.",
        [ReasonIds.NetworkNotFound] = "A label names a network that the container is not attached to: templater.network, or that of Traefik. Compare the names: compose puts the project's name in front of them.",
        [ReasonIds.NoAddressYet] = "The container is attached to the network and the engine has given it no address there yet. That passes within a moment.",
        [ReasonIds.ConflictLost] = "Two different applications ask for one host and path. One of them is served: the one with the higher templater.priority, else the older. Change the host of the other, or stop it.",
        [ReasonIds.ConflictValue] = "Replicas of one application have different values of one label. One of them holds, and restrictions hold for all. Give all replicas the same labels.",
        [ReasonIds.DomainNotAllowed] = "The setting domains does not allow this container, or its compose project, to have this host. Its other hosts are served. Add the domain to the setting, or choose another host.",
        [ReasonIds.PortNotAllowed] = "The operator's settings do not allow this port on this output.",
        [ReasonIds.UnsupportedOption] = "The proxy of this output, or this version, cannot do what a label asks for. What would restrict access then refuses the route; all else is left out.",
        [ReasonIds.AuthUnusable] = "A login is asked for, and no user with a usable password hash was found. The route is refused until there is one.",
        [ReasonIds.CertificateMissing] = "There is no certificate for a host that is to be served by https. Put a pair for that name into the certificates directory, or have one obtained (acme_email).",
        [ReasonIds.UnknownLabel] = "A label under the prefix is not known, so it has no effect; the message names the nearest one. One that was surely meant to restrict access refuses the container.",
        [ReasonIds.LabelOnTask] = "In a Swarm, a label was put on the tasks (labels: of the service in compose) and not on the service (deploy: labels:). Where services are read it has no effect there.",
        [ReasonIds.IdleTimeout] = "A Swarm forgets what is idle for 15 minutes behind a service's virtual address, and time-outs of the route are longer. Set the sysctl net.ipv4.tcp_keepalive_time of the proxy to at most 900, or address the tasks (templater.endpoints=tasks).",
        [ReasonIds.Quarantined] = "The template, the checker or the proxy refused a file because of the container. It alone is left out, until it or the template changes.",
        [ReasonIds.SnapshotStale] = "What is shown was recorded longer ago than STALE_AFTER. Without --from, explain asks the engine what runs now.",
        [ReasonIds.SocketDenied] = "The engine's socket may not be opened. The message names the group that it belongs to: add that to the service's group_add, or to docker run as --group-add.",
        [ReasonIds.EngineUnreachable] = "The engine does not answer. The configuration in place stays, and it is asked again until it does.",
        [ReasonIds.CallForbidden] = "A socket proxy refused a call. The message says which and what it is needed for: allow it there. \"templater doctor\" prints the rules for it.",
        [ReasonIds.SnapshotFailed] = "Reading the containers failed half-way. Nothing is written from half a reading: the configuration in place stays, and it is read again.",
        [ReasonIds.OutputDenied] = "A directory may not be written by the user that Templater runs as. The message names its owner. Until that is mended the proxy keeps what it has.",
        [ReasonIds.OutputFailed] = "A file could not be written, for example because the disk is full. The proxy keeps what it has, and it is tried again.",
        [ReasonIds.PathNotShared] = "A path in the configuration lies on no volume that Templater and the proxy share, so the proxy would not find it. Mount the same volume into both.",
        [ReasonIds.OutputLink] = "An output is a link that Templater did not make. The link stays, and what it leads to is written: the proxy has to see that, too.",
        [ReasonIds.SingleFileMount] = "A single file is mounted and not its directory. A mounted file is never seen to be replaced: mount the directory.",
        [ReasonIds.ReloadTargetMissing] = "Nobody matches the reload target, or nobody of them runs. The file is written: a proxy that starts reads it, and one that appears is told.",
        [ReasonIds.ReloadTargets] = "Several containers match the reload target. All of them are told.",
        [ReasonIds.ReloadFailed] = "The proxy could not be told to reload. The message says why; it stays owed and is tried again.",
        [ReasonIds.ReloadUnproven] = "The proxy was told and was not seen to take the new configuration. It is told once more; then the last good one is put back.",
        [ReasonIds.RuntimeDenied] = "HAProxy's master socket allows reloads, but no changes while it runs, so that every container that comes or goes is a reload. Start HAProxy with level,admin on the socket to save these; with level,operator everything works as it does now.",
        [ReasonIds.ConfigRefused] = "The proxy or the checker refused the configuration. The last good one is in place. Where the refused line comes from a container, that one is left out; else the template or a setting is to be mended.",
        [ReasonIds.CheckerFailed] = "The program that checks configurations does not work. A file is put in place unchecked only where the proxy is seen to refuse a bad one; nothing is replaced where it is restarted, or nothing could be seen. Mend it, name another, or set validate to none.",
        [ReasonIds.ProxyVersion] = "The proxy is older than the versions that the shipped templates are written for, and may refuse what they write. Use a newer one, or a template of your own; the setting proxy_version says which version it has.",
        [ReasonIds.CheckerVersion] = "The program that checks is another version than the proxy, and may judge differently. Use the same version for both.",
        [ReasonIds.TemplateError] = "A template cannot be used; the message names file, line and column. What is live stays live, and the file is read again when it changes.",
        [ReasonIds.UnquotedText] = "A template prints texts of containers as they are, and its format, by which they would be quoted, is not known. Begin it with {{# format: nginx #}}, haproxy, centauri or plain.",
        [ReasonIds.ProxyHasSocket] = "The proxy mounts the engine's socket, which gives whoever breaks into it the whole host. It does not need it: remove the mount.",
        [ReasonIds.ProxyUnknown] = "No container is known to be the proxy of this output, so nobody is reloaded by label, and all networks count as reachable. Label the proxy with templater.proxy.",
        [ReasonIds.StateNotPersistent] = "The state directory lies inside the container and is lost with it: after an update the proxy is reloaded once more than needed, and the accounts at CAs and what failed there are forgotten. Mount a volume there.",
        [ReasonIds.StateUnusable] = "The state directory does not exist, may not be read, or is of a newer Templater. Ask inside the container that runs Templater, as its user, or name the directory by --state-dir.",
        [ReasonIds.TemplaterNotRunning] = "The program whose state this is has ended, or has said nothing for longer than STALE_AFTER. What is shown is what it left behind; the proxy keeps what it has.",
        [ReasonIds.Pinned] = "Somebody went back to an earlier generation by templater rollback. It stays, also across restarts, and changes wait, until templater rollback --resume.",
        [ReasonIds.ListenFailed] = "The address that the setting listen, or acme_listen, names cannot be listened on: another program does, this host does not have it, or this user may not. Choose another, or leave the setting out.",
        [ReasonIds.KeyUnreadable] = "The user that the proxy runs as may not read the key of a certificate, so it does not start, or goes on without a new pair. Give the file to a group of that user, readable.",
        [ReasonIds.CertificateInvalid] = "A certificate file is cut off, unreadable, weak, or does not belong to its key. Its names are not served in plain text meanwhile. The file is looked at again at every change.",
        [ReasonIds.AcmeUnreachable] = "Before a CA is asked for a certificate, it is looked at whether a proof can succeed: that the name resolves, that http on port 80 of each of its addresses gives the answer to a token, and that CAA records allow the CA. The message says what does not. It is looked at again every ten minutes, and no attempt at the CA is used up.",
        [ReasonIds.AcmeFailed] = "A certificate was not obtained or not renewed; the message holds what the CA said. It is tried again after 1, 10 and 100 minutes and then once a day, or when the CA says so. Until then http is served, or the certificate that is there.",
        [ReasonIds.InvalidSetting] = "The value of a setting is not legal; the message says where it stands and what is.",
        [ReasonIds.ForeignSettings] = "The environment holds the variables of a program that Templater replaces, and they are taken as its settings. Set compat to say so yourself, or use Templater's own names.",
        [ReasonIds.SettingNotInEffect] = "A setting is known, and this version does nothing with it; or a value of --set is named like one.",
        [ReasonIds.InvalidInput] = "A file cannot be read as what it should be: containers as \"docker inspect\" or \"docker ps --format json\" print them, a recorded snapshot, or a file of Templater's own.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All reasons, in ordinal order.</summary>
    public static IEnumerable<string> Reasons => Texts.Keys.Order(StringComparer.Ordinal);

    /// <summary>The paragraph about a reason; null when there is no such reason.</summary>
    public static string? Find(string reason) => Texts.GetValueOrDefault(reason);
}
