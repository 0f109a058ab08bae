using System.Buffers.Text;
using System.Text.Json;
using Templater.Acme.Protocol;
using Templater.Testing;

namespace Templater.Acme.Tests.Live;

/// <summary>What goes wrong with orders, names and accounts.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OrderFaultTests : ProtocolFaultFixture
{
    // Fault 13
    [Test]
    public async Task AnOrderThatIsProcessedForAWhileIsWaitedFor()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var looks = 0;
        AfterFinalize(ca, reply => ++looks <= 5 ? reply.With(reply.Text.Replace("\"valid\"", "\"processing\"", StringComparison.Ordinal)) : reply);

        await ObtainAsync(ca);

        Assert.That(looks, Is.GreaterThan(5));
    }

    // Fault 13 and 21
    [TestCase("processing")]
    [TestCase("pondering")]
    public async Task AnOrderThatIsNeverDoneEndsAtTheDeadline(string status)
    {
        await using var ca = await TestCa.CreateAsync(Pebble, Brief);
        AfterFinalize(ca, reply => reply.With(reply.Text.Replace("\"valid\"", $"\"{status}\"", StringComparison.Ordinal).Replace("\"processing\"", $"\"{status}\"", StringComparison.Ordinal)));

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Unfinished));
            Assert.That(ca.Journal.Orders[^1].Key, Is.Not.Null, "it can be gone on with");
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
        });
    }

    // Fault 14
    [Test]
    public async Task AnOrderIsValidBeforeItTellsItsCertificate()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var hidden = 0;
        AfterFinalize(ca, reply => reply.Text.Contains("\"certificate\"", StringComparison.Ordinal) && hidden++ < 2 ? reply.With(reply.Text.Replace("\"certificate\"", "\"other\"", StringComparison.Ordinal)) : reply);

        await ObtainAsync(ca);

        Assert.That(hidden, Is.GreaterThan(2));
    }

    // Fault 15
    [Test]
    public async Task AnOrderThatIsNotReadyYetIsLookedAtAndFinalizedAgain()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        FaultOnce(ca, Finalize, (_, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Problem(403, "orderNotReady")));

        await ObtainAsync(ca);

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(Finalize), Is.EqualTo(2));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
        });
    }

    // Fault 15
    [TestCase(8, null)]
    [TestCase(int.MaxValue, AcmeFailure.Unfinished)]
    public async Task AnOrderThatIsReadyLateIsWaitedForAndNotGivenUp(int late, AcmeFailure? expected)
    {
        await using var ca = await TestCa.CreateAsync(Pebble, expected is null ? TestCa.Quick : Brief);
        var looks = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path.StartsWith(Finalize, StringComparison.Ordinal) && looks < late)
                return ProxiedReply.Problem(403, "orderNotReady");
            var reply = await onward(request);
            return request.Path.StartsWith(OrderUrl, StringComparison.Ordinal) && looks++ < late ? reply.With(reply.Text.Replace("\"ready\"", "\"pending\"", StringComparison.Ordinal)) : reply;
        };

        var failure = expected is null ? null : await TestCa.FailureAsync(() => ObtainAsync(ca));
        if (expected is null)
            await ObtainAsync(ca);

        Assert.Multiple(() =>
        {
            Assert.That(failure?.Failure, Is.EqualTo(expected));
            Assert.That((ca.Count(NewOrder), ca.Count(Finalize)), Is.EqualTo((1, expected is null ? 1 : 0)));
        });
    }

    // Fault 18 and 62: what a crash at each step leaves is gone on with.
    [TestCase(Finalize, false, 1)]
    [TestCase(Finalize, true, 1)]
    [TestCase(CertificateUrl, true, 1)]
    [TestCase("/authZ/", false, 1)]
    public async Task AnOrderThatWasBrokenOffIsGoneOnWith(string at, bool processed, int orders)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        using var crash = new CancellationTokenSource();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (!request.Path.StartsWith(at, StringComparison.Ordinal))
                return await onward(request);
            if (processed)
                await onward(request);
            await crash.CancelAsync();
            return null;
        };
        Assert.That(async () => await ca.Orderer(new NoSolver()).ObtainAsync(TestCa.Wish(name), crash.Token), Throws.InstanceOf<OperationCanceledException>());
        ca.Proxy.Fault = null;

        var issued = await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Chain.Identifiers, Is.EqualTo(new[] { name }));
            Assert.That(ca.Count(NewOrder), Is.EqualTo(orders));
            Assert.That(ca.Journal.Orders.Select(order => order.Directory), Is.All.EqualTo(ca.Client.DirectoryUrl));
            Assert.That(ca.Journal.Orders.SelectMany(order => order.Identifiers), Is.All.EqualTo(name));
        });
    }

    // Fault 18: the key is lost.
    [Test]
    public async Task AnOrderWhoseKeyIsLostIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        await ca.ObtainAsync(TestCa.Wish(name), new NoSolver());

        await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] with { Key = null } }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("made with a key that is not here"));
        });
    }

    [Test]
    public async Task AnOrderWhoseCertificateCannotBeUsedIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        using var other = PrivateKey.Generate();
        var name = TestCa.NewName();
        await ca.ObtainAsync(TestCa.Wish(name), new NoSolver());

        var issued = await ca.ObtainAsync(TestCa.Wish(name) with { Pending = ca.Journal.Orders[^1] with { Key = other } }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Key.Fits(issued.Chain.Leaf), Is.True);
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("its first certificate is for another key; ordering anew"));
        });
    }

    [Test]
    public async Task AnOrderOfAnotherCaIsNotAskedForHere()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        await ca.ObtainAsync(TestCa.Wish(name), new NoSolver());
        var foreign = ca.Journal.Orders[^1] with { Directory = new Uri("https://other.example/dir"), Url = new Uri(ca.Client.DirectoryUrl, OrderUrl + "foreign") };

        await ca.ObtainAsync(TestCa.Wish(name) with { Pending = foreign }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Count(OrderUrl + "foreign"), Is.Zero);
            Assert.That(ca.Notices, Has.One.Contains("the order that was under way is at other.example and not at"));
        });
    }

    // Fault 19
    [Test]
    public async Task AnOrderWhoseTimeIsOverIsMadeAnew()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        var old = await ca.Client.NewOrderAsync(ca.Account, [name], "classic", null, CancellationToken.None);
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            return request.Path == old.Url.AbsolutePath ? reply.With(System.Text.RegularExpressions.Regex.Replace(reply.Text, "\"expires\": *\"[^\"]*\"", "\"expires\":\"2020-01-01T00:00:00Z\"")) : reply;
        };

        await ca.ObtainAsync(TestCa.Wish(name) with { Pending = new PendingOrder(ca.Client.DirectoryUrl, old.Url, old.Identifiers, null) }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(ca.Count(NewOrder), Is.EqualTo(2));
            Assert.That(ca.Notices, Has.One.Contains("ended at 2020-01-01 00:00:00 UTC"));
        });
    }

    // Fault 20
    [Test]
    public async Task AnOrderThatFailedTellsWhyWithItsSubproblems()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var name = TestCa.NewName();
        AfterFinalize(ca, reply => reply.With(reply.Text.Replace("\"valid\"", "\"invalid\"", StringComparison.Ordinal).Replace("\"processing\"", "\"invalid\"", StringComparison.Ordinal)
            .Replace("\"identifiers\"", $$$"""
                "error":{"type":"urn:ietf:params:acme:error:caa","detail":"not allowed","subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"issue \";\"","identifier":{"type":"dns","value":"{{{name}}}"}}]},"identifiers"
                """, StringComparison.Ordinal)));

        var failure = await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(name), new NoSolver()));

        Assert.Multiple(() =>
        {
            Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Identifier));
            Assert.That(failure.Identifiers, Is.EqualTo(new[] { name }));
            Assert.That(failure.Message, Does.Contain($"caa: not allowed; {name}: caa: issue \";\""));
        });
    }

    // Fault 21
    [Test]
    public async Task WhatIsNotKnownIsIgnored()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var unknown = 0;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            if (request.Path.StartsWith("/authZ/", StringComparison.Ordinal))
                reply = reply.With(reply.Text.Replace("\"challenges\": [", "\"challenges\": [{\"type\":\"telepathy-01\",\"url\":\"https://x.test/\",\"status\":\"pending\",\"rules\":[{}]},", StringComparison.Ordinal));
            if (reply.Text.Contains("telepathy-01", StringComparison.Ordinal))
                Interlocked.Increment(ref unknown);
            return reply.Text.StartsWith('{') ? reply.With("{\"extra\":{\"deep\":[1,null,true]}," + reply.Text[1..]) : reply;
        };

        var issued = await ObtainAsync(ca);

        Assert.That(issued.Chain.Certificates, Is.Not.Empty);
        Assert.That(unknown, Is.Positive, "the CA's authorizations are spelt in another way, and no unknown challenge was among them");
    }

    // Fault 22
    [TestCase(""" "detail":"no","identifier":{"type":"dns","value":"NAME"} """)]
    [TestCase(""" "detail":"Cannot issue for \"NAME\": it is on a list" """)]
    [TestCase(""" "detail":"the name 'NAME' is on a list" """)]
    public async Task ANameThatIsRefusedWithoutSubproblemsIsLeftOutToo(string said)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var (good, bad) = (TestCa.NewName(), TestCa.NewName());
        var problem = $$"""{"type":"urn:ietf:params:acme:error:rejectedIdentifier",{{said.Replace("NAME", bad.Value, StringComparison.Ordinal)}}}""";
        FaultOnce(ca, NewOrder, (_, _) => Task.FromResult<ProxiedReply?>(ProxiedReply.Of(400, "application/problem+json", problem)));

        var issued = await ca.ObtainAsync(TestCa.Wish(good, bad) with { AllowsSubset = true }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(issued.Identifiers, Is.EqualTo(new[] { good }));
            Assert.That(issued.LeftOut.Select(left => left.Identifier), Is.EqualTo(new[] { bad }));
            Assert.That(ca.Notices, Has.One.EndsWith($"ordering anew without {bad}"));
            Assert.That((ca.Journal.Ordered, ca.Count(NewOrder)), Is.EqualTo((2, 2)));
        });
    }

    // Fault 27
    [Test]
    public async Task AnAccountThatWasDeactivatedIsTroubleOfTheAccount()
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        await ca.Client.DeactivateAccountAsync(ca.Account, CancellationToken.None);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.That(failure.Failure, Is.EqualTo(AcmeFailure.Account));
    }

    // Boulder refuses names like that for which the account has no right, and all requests of an account that is none any more.
    [TestCase(null, AcmeFailure.Identifier)]
    [TestCase("deactivated", AcmeFailure.Account)]
    [TestCase("unauthorized", AcmeFailure.Account)]
    public async Task WhetherAnOrderOrTheAccountIsRefusedTheAccountTells(string? account, AcmeFailure expected)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        ca.Proxy.Fault = async (request, onward, _) =>
            request.Path == NewOrder || (request.Path == ca.Account.Url.AbsolutePath && account == "unauthorized") ? ProxiedReply.Problem(403, "unauthorized")
            : request.Path == ca.Account.Url.AbsolutePath && account is not null ? ProxiedReply.Of(200, "application/json", $$"""{"status":"{{account}}"}""")
            : await onward(request);

        var failure = await TestCa.FailureAsync(() => ObtainAsync(ca));

        Assert.That((failure.Failure, failure.Problem?.ShortType, failure.Status), Is.EqualTo((expected, "unauthorized", 403)));
        Assert.That(ca.Count(NewOrder), Is.EqualTo(1));
    }

    // Fault 28
    [TestCase(true)]
    [TestCase(false)]
    public async Task AReplyToAChangeOfKeysThatIsLostIsLookedInto(bool processed)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        using var next = PrivateKey.Generate(KeyType.Ec384);
        FaultOnce(ca, "/rollover-account-key", async (request, onward) =>
        {
            if (processed)
                await onward(request);
            return null;
        });

        if (!processed)
        {
            Assert.That((await TestCa.FailureAsync(() => ca.Client.ChangeKeyAsync(ca.Account, next, CancellationToken.None))).Failure, Is.EqualTo(AcmeFailure.Unreachable));
            Assert.That(await ca.Client.FindAccountAsync(ca.Key, CancellationToken.None), Is.EqualTo(ca.Account));
            return;
        }

        var changed = await ca.Client.ChangeKeyAsync(ca.Account, next, CancellationToken.None);

        Assert.That((await ca.Client.FindAccountAsync(changed.Key, CancellationToken.None))?.Url, Is.EqualTo(ca.Account.Url));
    }

    // Fault 48: what CAs say of a certificate that another account has obtained differs; Boulder says unauthorized.
    [TestCase(403, "unauthorized")]
    [TestCase(403, "userActionRequired")]
    [TestCase(400, "rejectedIdentifier")]
    [TestCase(500, "serverInternal")]
    [TestCase(409, "alreadyReplaced")]
    public async Task ACertificateThatMayNotBeReplacedIsOrderedWithoutSayingSo(int status, string type)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var orders = RefuseReplacing(ca, ProxiedReply.Problem(status, type));

        await ca.ObtainAsync(TestCa.Wish(TestCa.NewName()) with { Replaces = "AAAA.BBBB" }, new NoSolver());

        Assert.Multiple(() =>
        {
            Assert.That(orders, Is.EqualTo(new[] { true, false }));
            Assert.That(ca.Notices, Has.One.Contains($"{type}: said by the test; ordering without saying which certificate is renewed"));
        });
    }

    [TestCase(429, "rateLimited")]
    [TestCase(400, "accountDoesNotExist")]
    [TestCase(503, "about:blank")]
    public async Task WhatIsNoRefusalOfTheReplacementIsNotOrderedAnew(int status, string type)
    {
        await using var ca = await TestCa.CreateAsync(Pebble);
        var orders = RefuseReplacing(ca, ProxiedReply.Problem(status, type));

        await TestCa.FailureAsync(() => ca.ObtainAsync(TestCa.Wish(TestCa.NewName()) with { Replaces = "AAAA.BBBB" }, new NoSolver()));

        Assert.That(orders, Is.EqualTo(new[] { true }));
    }

    // Refuses orders that say which certificate they replace; of each order that was asked for whether it does.
    private static List<bool> RefuseReplacing(TestCa ca, ProxiedReply refusal)
    {
        var orders = new List<bool>();
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            if (request.Path != NewOrder)
                return await onward(request);
            orders.Add(Replaces(request));
            return orders[^1] ? refusal : await onward(request);
        };
        return orders;
    }

    private static bool Replaces(ProxiedRequest request)
    {
        using var message = JsonDocument.Parse(request.Body);
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(message.RootElement.GetProperty("payload").GetString()));
        return payload.RootElement.TryGetProperty("replaces", out _);
    }

    // Changes what the order says once it was finalized.
    private static void AfterFinalize(TestCa ca, Func<ProxiedReply, ProxiedReply> change)
    {
        var finalized = false;
        ca.Proxy.Fault = async (request, onward, _) =>
        {
            var reply = await onward(request);
            finalized |= request.Path.StartsWith(Finalize, StringComparison.Ordinal);
            return finalized && request.Path.StartsWith(OrderUrl, StringComparison.Ordinal) ? change(reply) : reply;
        };
    }
}
