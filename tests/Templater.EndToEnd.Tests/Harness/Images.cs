using System.Diagnostics;
using System.Text.RegularExpressions;
using Templater.Testing;

namespace Templater.EndToEnd.Tests.Harness;

/// <summary>The images of the README's examples, made of this machine's programs: no registry is needed.</summary>
internal static partial class Images
{
    public const string Templater = "templater:1";
    public const string Web = "web:1";

    // Templater reads the proxy's version from its image's tag, so the tags are those of the programs inside.
    public static readonly string Nginx = "nginx:" + VersionOf("/usr/sbin/nginx");
    public static readonly string HAProxy = "haproxy:" + VersionOf("/usr/sbin/haproxy");

    private static readonly string[] WebNames = ["my/shop", "my/api", "my/app", "traefik/whoami", "jwilder/whoami"];

    /// <summary>A text of the README or a sample with the names of these images in it.</summary>
    public static string Rename(string text) => text
        .Replace("nginx:1.30", Nginx, StringComparison.Ordinal)
        .Replace("haproxy:3.2", HAProxy, StringComparison.Ordinal);

    /// <summary>Why the images cannot be made here (one line), or null.</summary>
    public static string? Unavailable =>
        !File.Exists("/usr/sbin/nginx") ? "nginx is not installed (Debian: nginx-light)"
        : !File.Exists("/usr/sbin/haproxy") ? "haproxy is not installed (Debian: haproxy)"
        : !File.Exists("/usr/bin/docker-compose") ? "docker-compose is not installed (Debian: docker-compose)"
        : null;

    public static async Task ImportAllAsync(PrivateDockerEngine engine)
    {
        await ShippedForm.EnsurePublishedAsync();
        await engine.ImportWebImageAsync();
        foreach (var name in WebNames)
            await engine.RunAsync("tag", Web, name);
        await ImportNginxAsync(engine);
        await ImportHAProxyAsync(engine);
        await ImportBaseAsync(engine);
        await BuildTemplaterAsync(engine, Templater, "base:1");
    }

    /// <summary>Builds the repository's Dockerfile, which is how a user gets the image.</summary>
    public static async Task BuildTemplaterAsync(PrivateDockerEngine engine, string name, string proxyImage)
    {
        // The one flag that engines before 25 do not know (the Dockerfile says so): they look as often as the others do at first.
        var text = HealthIntervals().Replace(await File.ReadAllTextAsync(Repository.PathOf("Dockerfile")), "--interval=$2$1");
        var dockerfile = Path.Combine(engine.WorkDirectory, "Dockerfile");
        await File.WriteAllTextAsync(dockerfile, text);
        await engine.RunAsync(
            "build", "-q", "-t", name, "-f", dockerfile, "--build-arg", "TARGETARCH=amd64", "--build-arg", "PROXY_IMAGE=" + proxyImage, Repository.Root);
    }

    // What a small glibc base has: the loader, the libraries .NET loads, CA certificates, time zones. No shell.
    private static async Task ImportBaseAsync(PrivateDockerEngine engine)
    {
        var tree = await BaseTreeAsync();
        await engine.ImportAsync("base:1", tree.WriteTo);
    }

    private static async Task<ProgramTree> BaseTreeAsync()
    {
        var tree = new ProgramTree().AddDirectory("etc/ssl/certs").Add("/etc/ssl/certs/ca-certificates.crt").Add("/usr/share/zoneinfo/UTC");
        foreach (var library in new[] { "libssl.so.3", "libcrypto.so.3", "libstdc++.so.6", "libgcc_s.so.1", "libz.so.1", "libdl.so.2", "librt.so.1", "libpthread.so.0" })
            await tree.AddProgramAsync("/usr/lib/x86_64-linux-gnu/" + library);
        return tree.Add("/lib64/ld-linux-x86-64.so.2")
            .AddText("etc/passwd", "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/:/sbin/nologin\n")
            .AddText("etc/group", "root:x:0:\nnonroot:x:65532:\n");
    }

    private static async Task ImportNginxAsync(PrivateDockerEngine engine)
    {
        var tree = await BaseTreeAsync();
        await tree.AddProgramAsync("/usr/sbin/nginx");
        foreach (var module in Directory.Exists("/usr/lib/nginx/modules") ? Directory.GetFiles("/usr/lib/nginx/modules") : [])
            await tree.AddProgramAsync(module);
        tree.Add("/etc/nginx/mime.types").Add("/etc/passwd").Add("/etc/group").AddDirectory("var/lib/nginx")
            .AddLink("var/log/nginx/access.log", "/dev/stdout").AddLink("var/log/nginx/error.log", "/dev/stderr")
            .AddText("etc/nginx/nginx.conf", "events {}\nhttp { include /etc/nginx/conf.d/*.conf; }\n")
            .AddText("etc/nginx/conf.d/default.conf", "server { listen 80; }\n")
            .AddLink("usr/share/nginx/modules", "../../lib/nginx/modules").AddDirectory("usr/share/nginx/html");
        await BuildAsync(engine, Nginx, tree, "EXPOSE 80", "STOPSIGNAL SIGQUIT", "CMD [\"nginx\",\"-g\",\"daemon off;\"]");
    }

    // The official image runs as uid 99 and knows no other user.
    private static async Task ImportHAProxyAsync(PrivateDockerEngine engine)
    {
        var tree = await BaseTreeAsync();
        await tree.AddProgramAsync("/usr/sbin/haproxy");
        tree.AddText("etc/passwd", "root:x:0:0:root:/:/sbin/nologin\nhaproxy:x:99:99:haproxy:/var/lib/haproxy:/sbin/nologin\n")
            .AddText("etc/group", "root:x:0:\nhaproxy:x:99:\n").AddDirectory("var/lib/haproxy");
        await BuildAsync(engine, HAProxy, tree, "USER 99:99", "STOPSIGNAL SIGUSR1", "CMD [\"haproxy\",\"-W\",\"-db\",\"-f\",\"/usr/local/etc/haproxy/haproxy.cfg\"]");
    }

    // `docker import` knows fewer instructions than `docker build`.
    private static async Task BuildAsync(PrivateDockerEngine engine, string name, ProgramTree tree, params string[] instructions)
    {
        await engine.ImportAsync("tree:1", tree.WriteTo);
        var context = Directory.CreateDirectory(Path.Combine(engine.WorkDirectory, "context")).FullName;
        await File.WriteAllLinesAsync(Path.Combine(context, "Dockerfile"), ["FROM tree:1", .. instructions]);
        await engine.RunAsync("build", "-q", "-t", name, context);
    }

    private static string VersionOf(string program)
    {
        if (!File.Exists(program))
            return "0";
        using var process = Process.Start(new ProcessStartInfo(program, ["-v"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        return Version().Match(process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd()).Value;
    }

    [GeneratedRegex("[0-9]+[.][0-9]+[.][0-9]+")]
    private static partial Regex Version();

    [GeneratedRegex(@"--interval=\S+( .*) --start-interval=(\S+)")]
    private static partial Regex HealthIntervals();
}
