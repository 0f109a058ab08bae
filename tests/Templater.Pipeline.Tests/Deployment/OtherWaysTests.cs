using System.Net;
using System.Net.Sockets;
using Templater.Pipeline.Deployment;
using Templater.Pipeline.Deployment.Proving;
using Templater.Pipeline.Deployment.Reloading;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Deployment;

/// <summary>What is told and asked by means of the operator's own: a URL, a command here, a command in the container. The good answers and the bad ones.</summary>
[CancelAfter(30_000)]
public sealed class OtherWaysTests : ContainerControlFixture
{
    private static readonly JournalEntry Entry = new() { Generation = "0123456789abcdef", Content = "", Phase = DeliveryPhase.Swapped };

    [TestCase(200, "told")]
    [TestCase(204, "told")]
    [TestCase(302, "not told: http:http://127.0.0.1:PORT/reload answered 302")]
    [TestCase(404, "not told: http:http://127.0.0.1:PORT/reload answered 404")]
    [TestCase(500, "not told: http:http://127.0.0.1:PORT/reload answered 500")]
    public async Task AUrlHasToldWhereItAnswersWith2xx(int status, string expected)
    {
        await using var told = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        told.Faults.Answer("/reload", status, "text/plain", "");

        var answer = await new HttpReloader(new Uri($"http://user:secret@127.0.0.1:{told.Port}/reload?key=secret"), TimeProvider.System).ReloadAsync(CancellationToken.None);

        Assert.That(Said(answer), Is.EqualTo(expected.Replace("PORT", $"{told.Port}", StringComparison.Ordinal)));
        Assert.That(told.Requests.Single().Method, Is.EqualTo("POST"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task AUrlWithoutAnAnswerHasNotTold(bool isThere)
    {
        await using var told = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        told.Faults.Close("/reload");
        if (!isThere)
            told.StopListening();

        var answer = await new HttpReloader(new Uri($"http://user:secret@127.0.0.1:{told.Port}/reload?key=secret"), TimeProvider.System).ReloadAsync(CancellationToken.None);

        Assert.That(Said(answer), Does.StartWith($"not told: http:http://127.0.0.1:{told.Port}/reload: ").And.Not.Contain("secret"));
    }

    [Test]
    public async Task AUrlThatTakesTheRequestAndNeverAnswersHasNotTold(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new FakeTimeProvider();

        var reload = new HttpReloader(new Uri($"http://user:secret@{listener.LocalEndpoint}/reload?key=secret"), time).ReloadAsync(cancellationToken);
        using var connection = await listener.AcceptSocketAsync(cancellationToken);
        time.Advance(CommandRunner.DefaultTimeLimit);

        Assert.That(Said(await reload.WaitAsync(cancellationToken)), Is.EqualTo($"not told: http:http://{listener.LocalEndpoint}/reload did not answer in time"));
    }

    [TestCase("true", "told")]
    [TestCase("sh -c 'echo no such proxy >&2; exit 3'", "not told: sh: exit code 3: no such proxy")]
    [TestCase("/no/such/program", "not told: /no/such/program: the program /no/such/program was not found or may not be executed")]
    public async Task ACommandHasToldWhereItEndsWith0(string command, string expected)
    {
        var words = ((ReloadSpec.Command)ReloadSpec.Parse("command:" + command)).Words;
        Assert.That(Said(await new CommandReloader(words, new CommandRunner(TimeProvider.System)).ReloadAsync(CancellationToken.None)), Is.EqualTo(expected));
    }

    [TestCase(0, "", "told")]
    [TestCase(1, "nginx: [emerg] no\n", "not told: nginx in edge: exit code 1: nginx: [emerg] no")]
    [TestCase(126, "OCI runtime exec failed\u001b[31m", "not told: nginx in edge: exit code 126: OCI runtime exec failed [31m", TestName = "WhatACommandSaysIsOneLineOfText")]
    public async Task ACommandInTheContainerHasToldWhereItEndsWith0(int exitCode, string output, string expected)
    {
        Take(Make("edge"));
        Engine.Command = (_, words) =>
        {
            Assert.That(words, Is.EqualTo(new[] { "nginx", "-s", "reload" }));
            return new ChildResult(exitCode, "", output);
        };

        Assert.That(Said(await (await ExecTargetAsync()).ReloadAsync(CancellationToken.None)), Is.EqualTo(expected));
    }

    [Test]
    public async Task ACommandInAContainerThatEndedIsForNobody()
    {
        Take(Make("edge"));
        var target = await ExecTargetAsync();
        Engine.Stop("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
        Engine.Remove("edge");
        Assert.That(await target.ReloadAsync(CancellationToken.None), Is.InstanceOf<ReloadAnswer.Gone>());
    }

    [Test]
    public async Task ACommandThatTheEngineRefusesIsNamedWithTheCall()
    {
        Take(Make("edge"));
        Engine.Faults.Fail("/containers/*", 403, "forbidden by the socket proxy");
        Assert.That(Said(await (await ExecTargetAsync()).ReloadAsync(CancellationToken.None)), Does.Contain("refused POST /containers/edge/exec (403): forbidden by the socket proxy"));
    }

    [TestCase("test {generation} = 0123456789abcdef", "proven by command test")]
    [TestCase("test {generation} = another", "not seen: test: exit code 1")]
    [TestCase("sh -c 'echo still the old one; exit 2'", "not seen: sh: exit code 2: still the old one")]
    [TestCase("/no/such/program {generation}", "not seen: /no/such/program: the program /no/such/program was not found or may not be executed")]
    public async Task ACommandProvesWhereItEndsWith0(string command, string expected)
    {
        var words = ((VerifySpec.Command)VerifySpec.Parse("command:" + command)).Words;
        var proof = new CommandProof(words, TimeSpan.FromMilliseconds(50), new CommandRunner(TimeProvider.System), TimeProvider.System);
        Assert.That(Said(await proof.ProveAsync(Request(), CancellationToken.None)), Is.EqualTo(expected));
    }

    [TestCase(404, "127.0.0.1:PORT/live: answered 404 after 0.3 s")]
    [TestCase(302, "127.0.0.1:PORT/live: answered 302 after 0.3 s")]
    [TestCase(0, "127.0.0.1:PORT/live: Connection refused")]
    public async Task AUrlProvesNothingWhereItAnswersOtherwise(int status, string expected)
    {
        await using var asked = new FakeDockerEngine(new FakeDockerEngineOptions { UseTcp = true });
        if (status > 0)
            asked.Faults.Answer("/live", status, "text/plain", Entry.Generation);
        else
            asked.StopListening();

        var result = await new HttpProof(new Uri($"http://127.0.0.1:{asked.Port}/live?key=secret"), TimeSpan.FromMilliseconds(300), TimeProvider.System).ProveAsync(Request(), CancellationToken.None);

        Assert.That(Said(result), Does.StartWith("not seen: " + expected.Replace("PORT", $"{asked.Port}", StringComparison.Ordinal)).And.Not.Contain("secret"));
    }

    private static ProofRequest Request() => new(null!, Entry, ProofBaseline.None, TimeProvider.System.GetTimestamp());

    private static string Said(ReloadAnswer answer) => answer switch
    {
        ReloadAnswer.Delivered => "told",
        ReloadAnswer.Failed failed => $"not told: {failed.Why}",
        _ => answer.ToString(),
    };

    private static string Said(ProofResult result) => result switch
    {
        ProofResult.Proven proven => $"proven by {proven.How}",
        ProofResult.NotSeen unseen => $"not seen: {unseen.Why}",
        _ => result.ToString(),
    };

    private async Task<IReloadTarget> ExecTargetAsync() =>
        (await ContainerReloader.Commanded(Control, (ReloadSpec.Exec)ReloadSpec.Parse("exec:edge:nginx -s reload"), "nginx").FindAsync(CancellationToken.None)).Targets.Single();
}
