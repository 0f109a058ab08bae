using System.Net;
using Templater.Acme;
using Templater.Acme.Protocol;
using Templater.Pipeline.Certificates.Challenges;
using Templater.Pipeline.Web;
using Templater.Testing;

namespace Templater.Pipeline.Tests.Certificates.Challenges;

[CancelAfter(20_000)]
public sealed class ListenerSolverTests
{
    [Test]
    public async Task ItAnswersWhatIsPresentedAndNothingElse(CancellationToken cancellationToken)
    {
        using var stop = new CancellationTokenSource();
        using var solver = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        var run = solver.RunAsync(stop.Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{solver.EndPoint}") };
        var challenge = Challenge("token-1");

        await solver.PresentAsync(challenge, cancellationToken);

        Assert.That(await http.GetStringAsync("/.well-known/acme-challenge/token-1", cancellationToken), Is.EqualTo("token-1.thumbprint"));
        Assert.That((await http.GetAsync("/.well-known/acme-challenge/token-2", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await http.GetAsync("/token-1", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await http.PostAsync("/.well-known/acme-challenge/token-1", null, cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        await solver.CleanUpAsync(challenge, cancellationToken);
        Assert.That((await http.GetAsync("/.well-known/acme-challenge/token-1", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task ItAnswersWhatAnotherProcessLeft(CancellationToken cancellationToken)
    {
        using var directory = new TempDirectory();
        directory.Write("token-1", "none of them");
        using var stop = new CancellationTokenSource();
        using var solver = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System) { Left = directory.Path };
        var run = solver.RunAsync(stop.Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{solver.EndPoint}") };
        var other = new WebrootSolver(directory.Path);
        await other.PresentAsync(Challenge("token-1"), cancellationToken);

        Assert.That(await http.GetStringAsync("/.well-known/acme-challenge/token-1", cancellationToken), Is.EqualTo("token-1.thumbprint"));
        foreach (var none in (string[])["token-2", "..%2F..%2Ftoken-1", "../../token-1", "", "."])
            Assert.That((await http.GetAsync("/.well-known/acme-challenge/" + none, cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), none);
        await other.CleanUpAsync(Challenge("token-1"), cancellationToken);
        Assert.That((await http.GetAsync("/.well-known/acme-challenge/token-1", cancellationToken)).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));

        await stop.CancelAsync();
        await Assert.ThatAsync(() => run, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task AnswersAreBounded()
    {
        using var solver = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        for (var i = 0; i < ListenerSolver.MaxAnswers; i++)
            await solver.PresentAsync(Challenge($"token-{i}"), CancellationToken.None);
        Assert.That(() => solver.PresentAsync(Challenge("one-more"), CancellationToken.None), Throws.TypeOf<ChallengeException>());
        await solver.CleanUpAsync(Challenge("token-0"), CancellationToken.None);
        await solver.PresentAsync(Challenge("one-more"), CancellationToken.None);
    }

    [Test]
    public void AnAddressThatIsTakenIsSaid()
    {
        using var first = new ListenerSolver(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System);
        Assert.That(() => new ListenerSolver(first.EndPoint, TimeProvider.System), Throws.TypeOf<ListenFailedException>().With.Message.EqualTo($"cannot listen on {first.EndPoint}: another program listens there."));
    }

    private static PendingChallenge Challenge(string token) => new(Identifier.Dns("a.example"), ChallengeType.Http01, token, token + ".thumbprint", new Uri("https://ca.example/account"));
}
