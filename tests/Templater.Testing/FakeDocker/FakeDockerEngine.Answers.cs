using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Templater.Testing;

/// <content>The answers to single calls.</content>
public sealed partial class FakeDockerEngine
{
    private const string Json = "application/json";
    private const string RawStream = "application/vnd.docker.raw-stream";
    private const byte StandardOutput = 1;
    private const byte StandardError = 2;

    private readonly Dictionary<string, (FakeContainer Container, string[] Command, int ExitCode)> _execs = new(StringComparer.Ordinal);

    /// <summary>What a command in a container does; by default it prints its words and ends with 0.</summary>
    public Func<FakeContainer, IReadOnlyList<string>, ChildResult> Command { get; set; } =
        (_, words) => new ChildResult(0, string.Join(' ', words) + "\n", "");

    /// <summary>Called for every signal that the API sent to a running container, with the signal as it was asked for.</summary>
    public Action<FakeContainer, string>? SignalReceived { get; set; }

    /// <summary>Called when the API has restarted a container.</summary>
    public Action<FakeContainer>? RestartReceived { get; set; }

    /// <summary>The processes that <c>top</c> lists: process id, parent, command.</summary>
    public Func<FakeContainer, IReadOnlyList<(long Pid, long Parent, string Command)>> Processes { get; set; } =
        container => [(container.ProcessId, 1, "run")];

    private (int Status, string ContentType, byte[] Body) Answer(FakeRequest request)
    {
        lock (_lock)
        {
            if (request.Version.Length > 0 && Minor(request.Version) > Minor(_apiVersion))
                return Error(400, $"client version {request.Version} is too new. Maximum supported API version is {_apiVersion}");
            return (request.Method, request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries)) switch
            {
                ("GET" or "HEAD", ["_ping"]) => (200, "text/plain; charset=utf-8", "OK"u8.ToArray()),
                ("GET", ["version"]) => Object(json =>
                {
                    json.WriteString("Version", "20.10.24-fake");
                    json.WriteString("ApiVersion", _apiVersion);
                    json.WriteString("MinAPIVersion", "1.12");
                    json.WriteString("Os", "linux");
                    json.WriteString("Arch", "amd64");
                }),
                ("GET", ["info"]) => Info(),
                ("GET", ["containers", "json"]) => (200, Json, Rows(request["all"] is "1" or "true")),
                ("GET", ["containers", var name, "json"]) => With(name, container => (200, Json, container.Inspection ??= _json.Inspection(container))),
                ("GET", ["containers", var name, "top"]) => WithRunning(name, Top),
                ("GET", ["containers", var name, "logs"]) => With(name, container => (200, RawStream, Log(container, request))),
                ("POST", ["containers", var name, "kill"]) => WithRunning(name, container => Kill(container, request["signal"])),
                ("POST", ["containers", var name, "restart"]) => With(name, container =>
                {
                    Restart(container.Name);
                    RestartReceived?.Invoke(container);
                    return (204, Json, []);
                }),
                ("POST", ["containers", var name, "exec"]) => WithRunning(name, container => CreateExec(container, request.Body)),
                ("POST", ["exec", var id, "start"]) when _execs.ContainsKey(id) => (200, RawStream, RunExec(id)),
                ("GET", ["exec", var id, "json"]) when _execs.TryGetValue(id, out var exec) => Object(json =>
                {
                    json.WriteString("ID", id);
                    json.WriteBoolean("Running", false);
                    json.WriteNumber("ExitCode", exec.ExitCode);
                }),
                ("GET", ["networks"]) => (200, Json, FakeDockerJson.Write(WriteNetworks)),
                ("GET", ["networks", var name]) => Network(name),
                _ => Error(404, "page not found"),
            };
        }
    }

    private static int Minor(string version) => int.Parse(version.Split('.')[1], CultureInfo.InvariantCulture);

    private static (int, string, byte[]) Error(int status, string message) =>
        (status, Json, FakeDockerJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("message", message);
            json.WriteEndObject();
        }));

    private static (int, string, byte[]) Object(Action<Utf8JsonWriter> members) =>
        (200, Json, FakeDockerJson.Write(json =>
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }));

    private (int, string, byte[]) With(string name, Func<FakeContainer, (int, string, byte[])> answer) =>
        Find(name) is { } container ? answer(container) : Error(404, $"No such container: {name}");

    private (int, string, byte[]) WithRunning(string name, Func<FakeContainer, (int, string, byte[])> answer) =>
        With(name, container => container.IsRunning ? answer(container) : Error(409, $"Container {container.Id} is not running"));

    private (int, string, byte[]) Info() => Object(json =>
    {
        json.WriteString("ID", "FAKE:FAKE");
        json.WriteString("Name", "fakehost");
        json.WriteString("ServerVersion", "20.10.24-fake");
        json.WriteString("Architecture", "x86_64");
        json.WriteString("OSType", "linux");
        json.WriteNumber("Containers", _containers.Count);
        json.WriteStartObject("Swarm");
        json.WriteString("NodeID", IsSwarmManager ? "node1" : "");
        json.WriteString("LocalNodeState", IsSwarmManager ? "active" : "inactive");
        json.WriteBoolean("ControlAvailable", IsSwarmManager);
        json.WriteEndObject();
    });

    private byte[] Rows(bool all)
    {
        return all ? _allRows ??= Join(_ => true) : _runningRows ??= Join(container => container.IsRunning);

        byte[] Join(Func<FakeContainer, bool> isListed)
        {
            var list = new MemoryStream();
            list.WriteByte((byte)'[');
            foreach (var container in _containers.Values.Where(isListed).OrderByDescending(container => container.CreatedAt))
            {
                if (list.Length > 1)
                    list.WriteByte((byte)',');
                list.Write(container.Row ??= _json.Row(container));
            }

            list.Write("]\n"u8);
            return list.ToArray();
        }
    }

    private (int, string, byte[]) Kill(FakeContainer container, string signal)
    {
        var name = signal.Length == 0 ? "KILL" : signal.StartsWith("SIG", StringComparison.Ordinal) ? signal[3..] : signal;
        if (name is "KILL" or "9" or "TERM" or "15" or "INT" or "2" or "QUIT" or "3")
            End(container, name is "KILL" or "9" ? 9 : 15, null, 137);
        else
            EmitContainer(container, "kill", ("signal", name is "HUP" ? "1" : name));
        (_allRows, _runningRows) = (null, null);
        SignalReceived?.Invoke(container, signal);
        return (204, Json, []);
    }

    private (int, string, byte[]) Top(FakeContainer container) => Object(json =>
    {
        json.WriteStartArray("Titles");
        foreach (var title in new[] { "UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD" })
            json.WriteStringValue(title);
        json.WriteEndArray();
        json.WriteStartArray("Processes");
        foreach (var (pid, parent, command) in Processes(container))
        {
            json.WriteStartArray();
            foreach (var column in new[] { "root", pid.ToString(CultureInfo.InvariantCulture), parent.ToString(CultureInfo.InvariantCulture), "0", "12:00", "?", "00:00:00", command })
                json.WriteStringValue(column);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    });

    private static byte[] Log(FakeContainer container, FakeRequest request)
    {
        var tail = int.TryParse(request["tail"], NumberStyles.None, CultureInfo.InvariantCulture, out var lines) ? lines : int.MaxValue;
        var isWanted = (bool isError) => isError || request["stdout"] == "1";
        var texts = container.LogText.TakeLast(tail).Where(line => isWanted(line.IsError && !container.HasTerminal)).ToArray();
        return container.HasTerminal
            ? Encoding.UTF8.GetBytes(string.Concat(texts.Select(line => line.Text)))
            : [.. texts.SelectMany(line => Frame(line.IsError ? StandardError : StandardOutput, line.Text))];
    }

    private (int, string, byte[]) CreateExec(FakeContainer container, string body)
    {
        using var document = JsonDocument.Parse(body);
        var words = document.RootElement.GetProperty("Cmd").EnumerateArray().Select(word => word.GetString()!).ToArray();
        var id = FakeIds.For(string.Create(CultureInfo.InvariantCulture, $"exec {container.Id} {_execs.Count}"));
        _execs[id] = (container, words, 0);
        EmitContainer(container, "exec_create: " + string.Join(' ', words));
        return (201, Json, FakeDockerJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("Id", id);
            json.WriteEndObject();
        }));
    }

    private byte[] RunExec(string id)
    {
        var (container, words, _) = _execs[id];
        EmitContainer(container, "exec_start: " + string.Join(' ', words));
        var result = Command(container, words);
        _execs[id] = (container, words, result.ExitCode);
        EmitContainer(container, "exec_die");
        return [.. Frame(StandardOutput, result.Output), .. Frame(StandardError, result.Error)];
    }

    private void WriteNetworks(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        foreach (var network in _networks.Values)
            FakeDockerJson.WriteNetwork(json, network, null);
        json.WriteEndArray();
    }

    private (int, string, byte[]) Network(string name)
    {
        var network = _networks.Values.FirstOrDefault(candidate => candidate.Name == name || candidate.Id.StartsWith(name, StringComparison.Ordinal));
        return network is null
            ? Error(404, $"network {name} not found")
            : (200, Json, FakeDockerJson.Write(json => FakeDockerJson.WriteNetwork(json, network, _containers.Values)));
    }

    private static byte[] Frame(byte stream, string text)
    {
        if (text.Length == 0)
            return [];
        var bytes = Encoding.UTF8.GetBytes(text);
        var header = new byte[8];
        header[0] = stream;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), (uint)bytes.Length);
        return [.. header, .. bytes];
    }
}
