using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Templater.Testing;

/// <summary>Writes the fake engine's state as the engine of a given API version does.</summary>
internal sealed class FakeDockerJson(int minor, IReadOnlyDictionary<string, FakeNetwork> networks)
{
    private const int DnsNamesSince = 44;
    private const int GatewayPrioritySince = 48;
    private const int HealthInListSince = 52;
    private const int ImageIdLength = 64;

    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Options))
            write(json);
        return buffer.WrittenSpan.ToArray();
    }

    public byte[] Row(FakeContainer container) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("Id", container.Id);
        json.WriteStartArray("Names");
        foreach (var name in container.Names)
            json.WriteStringValue("/" + name);
        json.WriteEndArray();
        json.WriteString("Image", container.ImageName);
        json.WriteString("ImageID", ImageId(container));
        json.WriteString("Command", "sh -c run");
        json.WriteNumber("Created", container.CreatedAt.ToUnixTimeSeconds());
        WriteRowPorts(json, container);
        WriteLabels(json, container);
        json.WriteString("State", container.Status);
        json.WriteString("Status", StatusText(container));
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", NetworkMode(container));
        json.WriteEndObject();
        if (minor >= HealthInListSince)
        {
            json.WriteStartObject("Health");
            json.WriteString("Status", container.IsRunning ? container.HealthStatus : "none");
            json.WriteNumber("FailingStreak", 0);
            json.WriteEndObject();
        }

        json.WriteStartObject("NetworkSettings");
        WriteEndpoints(json, container, isRow: true);
        json.WriteEndObject();
        WriteMounts(json, container);
        json.WriteEndObject();
    });

    public byte[] Inspection(FakeContainer container) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("Id", container.Id);
        json.WriteString("Created", Time(container.CreatedAt));
        WriteState(json, container);
        json.WriteString("Image", ImageId(container));
        json.WriteString("Name", "/" + container.Name);
        json.WriteNumber("RestartCount", 0);
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", NetworkMode(container));
        json.WriteString("PidMode", container.PidModeName);
        if (container.MoreGroups.Count > 0)
        {
            json.WriteStartArray("GroupAdd");
            container.MoreGroups.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteMounts(json, container);
        WriteConfig(json, container);
        json.WriteStartObject("NetworkSettings");
        WriteInspectionPorts(json, container);
        if (minor < HealthInListSince)
            json.WriteString("IPAddress", "");
        WriteEndpoints(json, container, isRow: false);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    public static void WriteNetwork(Utf8JsonWriter json, FakeNetwork network, IEnumerable<FakeContainer>? containers)
    {
        json.WriteStartObject();
        json.WriteString("Name", network.Name);
        json.WriteString("Id", network.Id);
        json.WriteString("Scope", "local");
        json.WriteString("Driver", network.Driver);
        json.WriteBoolean("EnableIPv6", false);
        json.WriteStartObject("IPAM");
        json.WriteString("Driver", "default");
        json.WriteStartArray("Config");
        json.WriteStartObject();
        json.WriteString("Subnet", network.Subnet);
        json.WriteString("Gateway", network.Gateway);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteBoolean("Internal", network.Internal);
        json.WriteBoolean("Attachable", false);
        json.WriteBoolean("Ingress", network.Ingress);
        json.WriteStartObject("Containers");
        foreach (var container in containers ?? [])
        {
            if (!container.Endpoints.TryGetValue(network.Name, out var endpoint) || endpoint.Id.Length == 0)
                continue;
            json.WriteStartObject(container.Id);
            json.WriteString("Name", container.Name);
            json.WriteString("EndpointID", endpoint.Id);
            json.WriteString("IPv4Address", endpoint.Wanted + "/16");
            json.WriteString("IPv6Address", endpoint.Address6);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartObject("Labels");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private void WriteEndpoints(Utf8JsonWriter json, FakeContainer container, bool isRow)
    {
        json.WriteStartObject("Networks");
        foreach (var (name, endpoint) in container.Endpoints)
        {
            var network = networks[name];
            var isAttached = endpoint.Id.Length > 0;
            json.WriteStartObject(name);
            json.WriteNull("IPAMConfig");
            // The list never carries them at API 1.41.
            if (isRow || endpoint.Aliases.Count == 0)
                json.WriteNull("Aliases");
            else
                WriteStrings(json, "Aliases", endpoint.Aliases);
            if (minor >= DnsNamesSince && !isRow)
                WriteStrings(json, "DNSNames", [container.Name, .. endpoint.Aliases, container.Id[..12]]);
            if (minor >= GatewayPrioritySince)
                json.WriteNumber("GwPriority", endpoint.GatewayPriority);
            json.WriteString("NetworkID", endpoint.IsKnown ? network.Id : "");
            json.WriteString("EndpointID", endpoint.Id);
            json.WriteString("Gateway", isAttached ? network.Gateway : "");
            json.WriteString("IPAddress", isAttached ? endpoint.Wanted : "");
            json.WriteNumber("IPPrefixLen", isAttached ? 16 : 0);
            json.WriteString("GlobalIPv6Address", isAttached ? endpoint.Address6 : "");
            json.WriteString("MacAddress", isAttached ? "02:42:ac:14:00:05" : "");
            json.WriteNull("DriverOpts");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartObject("State");
        json.WriteString("Status", container.Status);
        json.WriteBoolean("Running", container.IsRunning);
        json.WriteBoolean("Paused", container.Status == "paused");
        json.WriteBoolean("Restarting", container.Status == "restarting");
        json.WriteNumber("Pid", container.IsRunning ? container.ProcessId : 0);
        json.WriteNumber("ExitCode", container.ExitCode);
        json.WriteString("Error", "");
        json.WriteString("StartedAt", Time(container.StartedAt));
        json.WriteString("FinishedAt", container.IsRunning || container.StartedAt is null ? Time(null) : Time(container.StartedAt.Value.AddSeconds(1)));
        if (container.HealthStatus != "none")
        {
            json.WriteStartObject("Health");
            json.WriteString("Status", container.HealthStatus);
            json.WriteNumber("FailingStreak", container.HealthLog.Count(result => result.ExitCode != 0));
            json.WriteStartArray("Log");
            foreach (var (exitCode, output) in container.HealthLog)
            {
                json.WriteStartObject();
                json.WriteString("Start", Time(container.StartedAt));
                json.WriteString("End", Time(container.StartedAt));
                json.WriteNumber("ExitCode", exitCode);
                json.WriteString("Output", output);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartObject("Config");
        json.WriteString("Hostname", container.Id[..12]);
        json.WriteString("User", container.UserName);
        json.WriteBoolean("Tty", container.HasTerminal);
        if (container.Ports.Count > 0)
        {
            json.WriteStartObject("ExposedPorts");
            foreach (var port in container.Ports.Keys)
            {
                json.WriteStartObject(port);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        WriteStrings(json, "Env", container.Environment);
        json.WriteString("Image", container.ImageName);
        WriteLabels(json, container);
        if (container.StopSignalName.Length > 0)
            json.WriteString("StopSignal", container.StopSignalName);
        if (container.HealthStatus != "none")
        {
            json.WriteStartObject("Healthcheck");
            WriteStrings(json, "Test", ["CMD-SHELL", "true"]);
            json.WriteNumber("Interval", 1_000_000_000);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteRowPorts(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartArray("Ports");
        foreach (var (key, bindings) in container.IsRunning ? container.Ports.AsEnumerable() : [])
        {
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            foreach (var (address, hostPort) in bindings.Count > 0 ? bindings : [("", 0)])
            {
                json.WriteStartObject();
                if (address.Length > 0)
                    json.WriteString("IP", address);
                json.WriteNumber("PrivatePort", int.Parse(key.AsSpan(0, slash), NumberStyles.None, CultureInfo.InvariantCulture));
                if (hostPort > 0)
                    json.WriteNumber("PublicPort", hostPort);
                json.WriteString("Type", key.AsSpan(slash + 1));
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static void WriteInspectionPorts(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartObject("Ports");
        foreach (var (key, bindings) in container.IsRunning ? container.Ports.AsEnumerable() : [])
        {
            if (bindings.Count == 0)
            {
                json.WriteNull(key);
                continue;
            }

            json.WriteStartArray(key);
            foreach (var (address, hostPort) in bindings)
            {
                json.WriteStartObject();
                json.WriteString("HostIp", address);
                json.WriteString("HostPort", hostPort.ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartObject("Labels");
        foreach (var (key, value) in container.Labels)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteMounts(Utf8JsonWriter json, FakeContainer container)
    {
        json.WriteStartArray("Mounts");
        foreach (var mount in container.Mounts)
        {
            json.WriteStartObject();
            json.WriteString("Type", mount.Type);
            if (mount.Name.Length > 0)
                json.WriteString("Name", mount.Name);
            json.WriteString("Source", mount.Source);
            json.WriteString("Destination", mount.Destination);
            json.WriteString("Mode", mount.Writable ? "" : "ro");
            json.WriteBoolean("RW", mount.Writable);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static string StatusText(FakeContainer container) => container.Status switch
    {
        "created" => "Created",
        "exited" => string.Create(CultureInfo.InvariantCulture, $"Exited ({container.ExitCode}) 5 minutes ago"),
        "paused" => "Up 5 minutes (Paused)",
        "restarting" => "Restarting (1) 5 seconds ago",
        "removing" => "Removal In Progress",
        "dead" => "Dead",
        _ => container.HealthStatus switch
        {
            "none" => "Up 5 minutes",
            "starting" => "Up 5 minutes (health: starting)",
            var health => $"Up 5 minutes ({health})",
        },
    };

    private static string NetworkMode(FakeContainer container) =>
        container.NetworkModeName.Length > 0 ? container.NetworkModeName : container.Endpoints.Keys.FirstOrDefault("default");

    private static string ImageId(FakeContainer container) => "sha256:" + FakeIds.For("image " + container.ImageName)[..ImageIdLength];

    private static string Time(DateTimeOffset? time) => time is { } known
        ? known.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture)
        : "0001-01-01T00:00:00Z";
}

internal static class FakeIds
{
    /// <summary>64 hexadecimal digits made from a text.</summary>
    public static string For(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));
}
