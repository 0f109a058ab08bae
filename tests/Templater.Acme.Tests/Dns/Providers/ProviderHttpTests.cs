using System.Net;
using Templater.Acme.Dns.Providers;

namespace Templater.Acme.Tests.Dns.Providers;

/// <summary>What holds for every provider's API, tried with <c>httpreq</c>.</summary>
public sealed class ProviderHttpTests
{
    private const string Secret = "pa55word";

    [TestCase(401, "", "httpreq answered 401: the credentials (HTTPREQ_USERNAME, HTTPREQ_PASSWORD) are wrong or do not allow this")]
    [TestCase(403, "no", "httpreq answered 403: the credentials (HTTPREQ_USERNAME, HTTPREQ_PASSWORD) are wrong or do not allow this (no)")]
    [TestCase(500, "<html>\n<b>broken</b>\u0007", "httpreq answered 500 (<html> <b>broken</b>)")]
    [TestCase(302, "", "httpreq answered 302")]
    [TestCase(400, "the password pa55word is wrong", "httpreq answered 400 (the password *** is wrong)")]
    public void ARefusalIsOneLineWithoutSecrets(int status, string body, string expected)
    {
        using var api = new FakeApi { Answer = _ => new((HttpStatusCode)status, body) };
        Assert.That(async () => await Add(api), Throws.TypeOf<ChallengeException>().With.Message.EqualTo(expected));
        Assert.That(api.Asked, Has.Count.EqualTo(1));
    }

    [TestCase("7", 7)]
    [TestCase("Fri, 02 Jan 2026 03:04:35 GMT", 30)]
    [TestCase("Fri, 02 Jan 2026 03:00:00 GMT", 0)]
    [TestCase(null, 1)]
    public async Task TooManyRequestsAreAskedAgainWhenTheApiSays(string? retryAfter, int seconds)
    {
        using var api = new FakeApi { Answer = _ => null };
        api.Answer = _ => new(api.Asked.Count == 1 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK, "", retryAfter);
        var adding = Add(api);
        if (seconds > 0)
        {
            // All of the first call is done in the same breath: what is pending is the wait.
            api.Clock.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.That(api.Asked, Has.Count.EqualTo(1));
            api.Clock.Advance(TimeSpan.FromTicks(1));
        }

        await adding;
        Assert.That(api.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public void AWaitThatIsTooLongEndsIt()
    {
        using var api = new FakeApi { Answer = _ => new(HttpStatusCode.TooManyRequests, "slow down", "3600") };
        Assert.That(async () => await Add(api), Throws.TypeOf<ChallengeException>().With.Message.EqualTo("httpreq answered 429: too many requests (slow down)"));
    }

    [Test]
    public void AttemptsAreBounded()
    {
        using var api = new FakeApi { Answer = _ => new(HttpStatusCode.ServiceUnavailable, "", "0") };
        Assert.That(async () => await Add(api), Throws.TypeOf<ChallengeException>());
        Assert.That(api.Asked, Has.Count.EqualTo(ProviderHttp.MaxAttempts));
    }

    [Test]
    public async Task AnApiThatIsSilentIsGivenUp()
    {
        using var api = new FakeApi { Answer = _ => null };
        var adding = Add(api);
        await api.Clock.AdvanceWhenWaitingAsync(TimeSpan.FromSeconds(30));
        Assert.That(async () => await adding, Throws.TypeOf<ChallengeException>().With.Message.EqualTo("httpreq did not answer within 30 s at https://api.example/base/present"));
    }

    [Test]
    public void AnAnswerThatIsTooLongIsRefused()
    {
        using var api = new FakeApi { Answer = _ => new(HttpStatusCode.OK, new string('x', ProviderHttp.MaxBytes + 1)) };
        Assert.That(async () => await Add(api), Throws.TypeOf<ChallengeException>().With.Message.EqualTo("httpreq sent more than 1048576 bytes from https://api.example/base/present"));
    }

    [Test]
    public void AnApiThatCannotBeReachedIsTold()
    {
        using var api = new FakeApi { Answer = _ => throw new HttpRequestException($"connection refused, {Secret}") };
        Assert.That(async () => await Add(api), Throws.TypeOf<ChallengeException>().With.Message.EqualTo("httpreq cannot be reached at https://api.example/base/present: connection refused, ***").And.InnerException.Null);
    }

    [Test]
    public void CancellingEndsIt()
    {
        using var cancelled = new CancellationTokenSource();
        using var api = new FakeApi { Answer = _ => null };
        var adding = Provider(api).AddAsync(FakeApi.Record(), cancelled.Token);
        cancelled.Cancel();
        Assert.That(async () => await adding, Throws.InstanceOf<OperationCanceledException>());
    }

    private static Task Add(FakeApi api) => Provider(api).AddAsync(FakeApi.Record(), CancellationToken.None);

    private static HttpreqRecords Provider(FakeApi api) => new(new(FakeApi.Endpoint) { UserName = "user", Password = Secret }, api.Client, api.Clock);
}
