using static Templater.Docker.Wire.Absent;

namespace Templater.Docker.Wire;

/// <summary>Body of <c>POST /containers/{id}/exec</c>.</summary>
internal sealed record ExecConfig
{
    public required IReadOnlyList<string> Cmd { get; init; }

    public string? User { get; init; }

    public bool AttachStdout { get; init; } = true;

    public bool AttachStderr { get; init; } = true;
}

/// <summary>Body of <c>POST /exec/{id}/start</c>.</summary>
internal sealed record ExecStart
{
    public bool Detach { get; init; }

    public bool Tty { get; init; }
}

/// <summary>Answer of <c>POST /containers/{id}/exec</c>.</summary>
internal sealed record ExecCreated
{
    public string Id { get; init => field = Filled(value); } = "";
}

/// <summary>Answer of <c>GET /exec/{id}/json</c>.</summary>
internal sealed record ExecInspect
{
    public bool Running { get; init; }

    public int? ExitCode { get; init; }
}

/// <summary>Body of every refusal.</summary>
internal sealed record ErrorBody
{
    [System.Text.Json.Serialization.JsonPropertyName("message")]
    public string Message { get; init => field = Filled(value); } = "";
}
