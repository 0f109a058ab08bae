using System.Collections.Immutable;
using System.Net;

namespace Templater.Pipeline.Deployment;

/// <summary>How the proxy of an output is told to read its configuration again (setting <c>RELOAD</c>).</summary>
public abstract record ReloadSpec
{
    private ReloadSpec()
    {
    }

    /// <summary><c>auto</c>: the containers labelled <c>templater.proxy=OUTPUT</c> get HUP.</summary>
    public sealed record Auto : ReloadSpec;

    /// <summary><c>none</c>: nobody is told.</summary>
    public sealed record None : ReloadSpec;

    /// <summary><c>docker:NAME[:SIGNAL]</c> or <c>docker:NAME:restart</c>: a container by name or id, else a compose service of the own project.</summary>
    /// <param name="Name">Container name, id or compose service.</param>
    /// <param name="Signal">Signal to send.</param>
    public sealed record Docker(string Name, ReloadSignal Signal) : ReloadSpec
    {
        /// <summary>True when the container is restarted, in the place of a signal.</summary>
        public bool IsRestart { get; init; }
    }

    /// <summary><c>label:KEY=VALUE[:SIGNAL]</c> or <c>label:KEY=VALUE:restart</c>: all running containers with that label.</summary>
    /// <param name="Key">Label key.</param>
    /// <param name="Value">Label value.</param>
    /// <param name="Signal">Signal to send.</param>
    public sealed record Label(string Key, string Value, ReloadSignal Signal) : ReloadSpec
    {
        /// <summary>True when the containers are restarted, in the place of a signal.</summary>
        public bool IsRestart { get; init; }
    }

    /// <summary><c>haproxy:SOCKET</c>: the command <c>reload</c> on HAProxy's master socket.</summary>
    /// <param name="Socket">Absolute path of the socket.</param>
    public sealed record HAProxy(string Socket) : ReloadSpec;

    /// <summary><c>pidfile:PATH[:SIGNAL]</c>: the process whose id stands in a file.</summary>
    /// <param name="Path">Absolute path of the file.</param>
    /// <param name="Signal">Signal to send.</param>
    public sealed record PidFile(string Path, ReloadSignal Signal) : ReloadSpec;

    /// <summary><c>process:NAME[:SIGNAL]</c>: the master process of that name in the own PID namespace.</summary>
    /// <param name="Name">Program name, at most 15 characters (<c>/proc/PID/comm</c>).</param>
    /// <param name="Signal">Signal to send.</param>
    public sealed record Process(string Name, ReloadSignal Signal) : ReloadSpec;

    /// <summary><c>exec:NAME:COMMAND</c>: a command run inside a container.</summary>
    /// <param name="Name">Container name, id or compose service.</param>
    /// <param name="Words">The command's words; no shell is involved.</param>
    public sealed record Exec(string Name, ImmutableArray<string> Words) : ReloadSpec;

    /// <summary><c>command:COMMAND</c>: a command run by Templater itself.</summary>
    /// <param name="Words">The command's words; no shell is involved.</param>
    public sealed record Command(ImmutableArray<string> Words) : ReloadSpec;

    /// <summary><c>http:URL</c>: a POST request that answers 2xx.</summary>
    /// <param name="Url">Absolute http or https URL.</param>
    public sealed record Http(Uri Url) : ReloadSpec;

    /// <summary><c>push:[ADDRESS:]PORT</c>: Centauri connects to that address and is sent the configuration.</summary>
    /// <param name="Address">Where to listen.</param>
    public sealed record Push(IPEndPoint Address) : ReloadSpec;

    /// <summary>True for a proxy that is restarted: it keeps no old configuration.</summary>
    public bool Restarts => this is Docker { IsRestart: true } or Label { IsRestart: true };

    /// <summary>Reads a value of the setting <c>RELOAD</c>.</summary>
    /// <param name="text">The value as the operator wrote it.</param>
    /// <exception cref="SpecFormatException">It is not a reload spec; the message is one line that says what is wrong.</exception>
    public static ReloadSpec Parse(string text)
    {
        var spec = SpecText.Of("reload", text);
        return spec.Kind switch
        {
            "auto" => spec.Alone(new Auto()),
            "none" => spec.Alone(new None()),
            "docker" => ParseDocker(spec),
            "label" => ParseLabel(spec),
            "haproxy" => new HAProxy(spec.AbsolutePath(spec.Rest)),
            "pidfile" => ParsePidFile(spec),
            "process" => ParseProcess(spec),
            "exec" => spec.Exec((name, words) => new Exec(name, words)),
            "command" => new Command(spec.Words(spec.Rest)),
            "push" => new Push(spec.ListenAddress()),
            "http" => new Http(spec.Url()),
            _ => throw spec.Unknown("auto, docker:NAME[:SIGNAL], docker:NAME:restart, label:KEY=VALUE[:SIGNAL], label:KEY=VALUE:restart, haproxy:SOCKET, pidfile:PATH[:SIGNAL], process:NAME[:SIGNAL], exec:NAME:COMMAND, command:COMMAND, http:URL, push:[ADDRESS:]PORT or none"),
        };
    }

    private static Docker ParseDocker(SpecText spec)
    {
        var (name, signal, isRestart) = spec.WithRestart();
        return new Docker(spec.ContainerName(name), signal) { IsRestart = isRestart };
    }

    private static Label ParseLabel(SpecText spec)
    {
        var (label, signal, isRestart) = spec.WithRestart();
        var equals = label.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            throw spec.Wrong("a label is written KEY=VALUE");
        return new Label(label[..equals], label[(equals + 1)..], signal) { IsRestart = isRestart };
    }

    private static PidFile ParsePidFile(SpecText spec)
    {
        var (path, signal) = spec.WithSignal();
        return new PidFile(spec.AbsolutePath(path), signal);
    }

    private static Process ParseProcess(SpecText spec)
    {
        var (name, signal) = spec.WithSignal();
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal))
            throw spec.Wrong("a process is named by its program's name, without a path");
        if (name.Contains(':', StringComparison.Ordinal))
            throw spec.Wrong($"\"{name[(name.LastIndexOf(':') + 1)..]}\" is not a signal");
        return new Process(name, signal);
    }
}
