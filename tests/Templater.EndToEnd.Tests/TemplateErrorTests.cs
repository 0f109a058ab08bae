using Templater.EndToEnd.Tests.Harness;
using Templater.Testing;

namespace Templater.EndToEnd.Tests;

/// <summary>A template of the operator's own that is edited while it is in use.</summary>
public sealed class TemplateErrorTests
{
    private const string Good = """
        {{# format: nginx #}}
        worker_processes 1;
        events { worker_connections 64; }
        http { server { listen 80; return 200 "WORD"; } }

        """;

    [Test, CancelAfter(120_000)]
    public async Task KeepsTheLastGoodFileSaysWhereAndHealsWithoutARestart(CancellationToken cancellationToken)
    {
        await using var stage = await Stage.OpenAsync();
        var templates = Directory.CreateDirectory(Path.Combine(stage.Engine.WorkDirectory, "templates")).FullName;
        var template = Path.Combine(templates, "site.nginx.scriban");
        await File.WriteAllTextAsync(template, Good.Replace("WORD", "one", StringComparison.Ordinal), cancellationToken);
        await stage.StartTemplaterAsync("/templates/site.nginx.scriban", "-v", templates + ":/templates:ro", "-e", "TEMPLATER_OUTPUT=/config/nginx.conf");
        using var client = await stage.StartNginxAsync();
        await client.WaitForBodyAsync("any.example.com", "one");
        await stage.WaitForLogAsync("live in nginx");
        var before = await stage.ReadVolumeAsync("config", "nginx.conf");

        await File.WriteAllTextAsync(template, Good + "{{ for c in containers; c.lables['team'] | nginx.string; end }}\n", cancellationToken);
        await stage.WaitForLogAsync("site.nginx.scriban:5:");
        Assert.That(await stage.SaidAsync("template-error"), Is.EqualTo(new[]
        {
            "error template-error: /templates/site.nginx.scriban:5:27: \"lables\" is not a member of container; did you mean \"labels\"? Generation 1 stays live; the file is read again when it changes.",
        }));

        await File.WriteAllTextAsync(template, Good + "{{ containers.size +* }}\n", cancellationToken);
        await stage.WaitForLogAsync("site.nginx.scriban:5:21: expected an expression, found \"*\"");
        Assert.That(await stage.ReadVolumeAsync("config", "nginx.conf"), Is.EqualTo(before));
        Assert.That((await client.GetAsync("any.example.com")).Body, Is.EqualTo("one"));

        await File.WriteAllTextAsync(template, Good.Replace("WORD", "two", StringComparison.Ordinal), cancellationToken);
        await client.WaitForBodyAsync("any.example.com", "two");
        await stage.WaitForLogAsync("template-error: resolved: ");
    }

    [Test, CancelAfter(120_000)]
    public async Task MakesRenderExitWithThree()
    {
        using var directory = new TempDirectory();
        await ShippedForm.EnsurePublishedAsync();
        var template = directory.Write("broken.nginx.scriban", "{{ for }}");
        var containers = directory.Write("containers.json", "[]");

        var render = await ChildProcess.RunAsync(ShippedForm.Program, ["render", "--template", template, "--from", containers]);

        Assert.That(render.ExitCode, Is.EqualTo(3));
        Assert.That(render.Error, Does.StartWith($"{template}:1:4: error unclosed-block: this \"for\" is never closed\n").And.Contain("^^^ expected {{ end }}\n"));
        Assert.That(render.Output, Is.Empty);
    }
}
