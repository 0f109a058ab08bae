namespace Templater.Pipeline;

/// <summary>
/// The stable ids of everything Templater reports. They are part of the user interface: logs, <c>explain</c>,
/// metrics and the documentation use the same words, so an id is never renamed.
/// </summary>
public static class ReasonIds
{
    // The fate of a container or a route.

    /// <summary>The container is not running.</summary>
    public const string NotRunning = "not-running";

    /// <summary>Its health check has not succeeded yet.</summary>
    public const string Starting = "starting";

    /// <summary>Its health check fails.</summary>
    public const string Unhealthy = "unhealthy";

    /// <summary><c>ready-after</c> has not passed yet.</summary>
    public const string NotReadyYet = "not-ready-yet";

    /// <summary>It restarts again and again and waits before it is added again.</summary>
    public const string HeldDown = "held-down";

    /// <summary>It keeps its connections and gets no new ones.</summary>
    public const string Draining = "draining";

    /// <summary><c>templater.enable</c> is false.</summary>
    public const string Disabled = "disabled";

    /// <summary>No label names a host.</summary>
    public const string NoHost = "no-host";

    /// <summary>It belongs to another instance of Templater.</summary>
    public const string OtherInstance = "other-instance";

    /// <summary>The container is itself a proxy.</summary>
    public const string IsProxy = "is-proxy";

    /// <summary>A host value is no host name.</summary>
    public const string InvalidHost = "invalid-host";

    /// <summary>A path value is no path.</summary>
    public const string InvalidPath = "invalid-path";

    /// <summary>A port value is no port.</summary>
    public const string InvalidPort = "invalid-port";

    /// <summary>A value of a key that decides who may reach what is not legal; the route is refused.</summary>
    public const string InvalidValue = "invalid-value";

    /// <summary>Several ports are exposed and none was chosen.</summary>
    public const string PortAmbiguous = "port-ambiguous";

    /// <summary>No port is known, or none of the exposed ones was chosen.</summary>
    public const string NoPort = "no-port";

    /// <summary>The proxy and the container share no network.</summary>
    public const string NoSharedNetwork = "no-shared-network";

    /// <summary>The network that a label names does not exist on the container.</summary>
    public const string NetworkNotFound = "network-not-found";

    /// <summary>The container is attached to the network but has no address on it yet.</summary>
    public const string NoAddressYet = "no-address-yet";

    /// <summary>Another application owns the same host and path.</summary>
    public const string ConflictLost = "conflict-lost";

    /// <summary>Containers of one host disagree about a value.</summary>
    public const string ConflictValue = "conflict-value";

    /// <summary>The operator does not allow this domain.</summary>
    public const string DomainNotAllowed = "domain-not-allowed";

    /// <summary>The operator does not allow this port.</summary>
    public const string PortNotAllowed = "port-not-allowed";

    /// <summary>The proxy of this output cannot do what was asked.</summary>
    public const string UnsupportedOption = "unsupported-option";

    /// <summary>No user or hash of a basic authentication is usable.</summary>
    public const string AuthUnusable = "auth-unusable";

    /// <summary>The certificate that was asked for is not there.</summary>
    public const string CertificateMissing = "certificate-missing";

    /// <summary>A label under the prefix is not known.</summary>
    public const string UnknownLabel = "unknown-label";

    /// <summary>A service label was put on the task container.</summary>
    public const string LabelOnTask = "label-on-task";

    /// <summary>Connections may be idle for longer than a virtual address remembers them.</summary>
    public const string IdleTimeout = "idle-timeout";

    /// <summary>The container made a render or a check fail and is left out until it changes.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>What is shown was read too long ago.</summary>
    public const string SnapshotStale = "snapshot-stale";

    // Templates, outputs, the engine and the proxy.

    /// <summary>The engine's socket may not be opened.</summary>
    public const string SocketDenied = "socket-denied";

    /// <summary>The engine does not answer.</summary>
    public const string EngineUnreachable = "engine-unreachable";

    /// <summary>The engine refused a call (a socket proxy).</summary>
    public const string CallForbidden = "call-forbidden";

    /// <summary>A list or inspect failed; the last good configuration stays.</summary>
    public const string SnapshotFailed = "snapshot-failed";

    /// <summary>The output may not be written.</summary>
    public const string OutputDenied = "output-denied";

    /// <summary>The output could not be written.</summary>
    public const string OutputFailed = "output-failed";

    /// <summary>The proxy does not see a path that its configuration names.</summary>
    public const string PathNotShared = "path-not-shared";

    /// <summary>An output is a link that Templater did not make.</summary>
    public const string OutputLink = "output-link";

    /// <summary>The proxy mounts a single file and never sees a replaced one.</summary>
    public const string SingleFileMount = "single-file-mount";

    /// <summary>No container matches the reload target.</summary>
    public const string ReloadTargetMissing = "reload-target-missing";

    /// <summary>A reload target matches several containers, which all get the reload.</summary>
    public const string ReloadTargets = "reload-targets";

    /// <summary>A reload could not be delivered and is still owed.</summary>
    public const string ReloadFailed = "reload-failed";

    /// <summary>A reload was delivered, but the new generation did not become live.</summary>
    public const string ReloadUnproven = "reload-unproven";

    /// <summary>The proxy could be told of servers that come and go without a reload, but does not allow it.</summary>
    public const string RuntimeDenied = "runtime-denied";

    /// <summary>The proxy or its checker refused a generation.</summary>
    public const string ConfigRefused = "config-refused";

    /// <summary>The checker itself does not work.</summary>
    public const string CheckerFailed = "checker-failed";

    /// <summary>The checker is another version of the program than the proxy.</summary>
    public const string CheckerVersion = "checker-version";

    /// <summary>The proxy is older than the shipped templates.</summary>
    public const string ProxyVersion = "proxy-version";

    /// <summary>A template cannot be parsed or failed while rendering.</summary>
    public const string TemplateError = "template-error";

    /// <summary>A template prints texts from containers and has no format that they could be quoted for.</summary>
    public const string UnquotedText = "unquoted-text";

    /// <summary>The proxy mounts the engine's socket.</summary>
    public const string ProxyHasSocket = "proxy-has-socket";

    /// <summary>The proxy is not known, so all networks count as reachable.</summary>
    public const string ProxyUnknown = "proxy-unknown";

    /// <summary>The state directory lies inside the container.</summary>
    public const string StateNotPersistent = "state-not-persistent";

    /// <summary>The state directory cannot be read, or nobody has used it.</summary>
    public const string StateUnusable = "state-unusable";

    /// <summary>A generation stays by the operator's will, or cannot.</summary>
    public const string Pinned = "pinned";

    /// <summary>No program writes the status that was asked for.</summary>
    public const string TemplaterNotRunning = "templater-not-running";

    /// <summary>The address for status and metrics cannot be listened on.</summary>
    public const string ListenFailed = "listen-failed";

    /// <summary>The proxy's user cannot read a key.</summary>
    public const string KeyUnreadable = "key-unreadable";

    /// <summary>A certificate file is unusable.</summary>
    public const string CertificateInvalid = "certificate-invalid";

    /// <summary>It was seen, before any authority was asked, that control of a name cannot be proven.</summary>
    public const string AcmeUnreachable = "acme-unreachable";

    /// <summary>A certificate was not obtained or not renewed.</summary>
    public const string AcmeFailed = "acme-failed";

    /// <summary>A settings value is not legal.</summary>
    public const string InvalidSetting = "invalid-setting";

    /// <summary>A setting is legal, but nothing in this version acts on it; or its name was given where it is no setting.</summary>
    public const string SettingNotInEffect = "setting-not-in-effect";

    /// <summary>Another program's settings were found and are used.</summary>
    public const string ForeignSettings = "foreign-settings";

    /// <summary>A file source cannot be read as containers.</summary>
    public const string InvalidInput = "invalid-input";
}
