using Templater.Pipeline.Certificates.Renewal;
using Templater.Pipeline.Certificates.Store;
using Templater.Pipeline.Deployment;

namespace Templater.Pipeline.Tests.Certificates.Store;

public sealed class OrderHistoryTests : AcmeStateFixture
{
    private static readonly string Names = NameSet.Of(["b.example.com", "a.example.com"]);

    [Test]
    public void ASetOfNamesIsOneTextWhateverTheirOrder()
    {
        string[] many = [.. Enumerable.Range(0, 100).Select(static i => $"n{i}.example.com")];
        Assert.That(Names, Is.EqualTo("a.example.com,b.example.com"));
        Assert.That(NameSet.Of(["a.example.com", "b.example.com", "a.example.com"]), Is.EqualTo(Names));
        Assert.That(NameSet.Of(many.Reverse()), Is.EqualTo(NameSet.Of(many)).And.Length.LessThan(150));
        Assert.That(NameSet.Of(many[1..]), Is.Not.EqualTo(NameSet.Of(many)));
        Assert.That(NameSet.Of([many[0], .. many[2..]]), Is.Not.EqualTo(NameSet.Of([many[0], many[1], .. many[3..]])));
    }

    [Test]
    public async Task PastOrdersOfEachAccountSurviveARestart()
    {
        var now = Time.GetUtcNow();
        await Opened().History.AddAsync(Authority, new PastOrder(now, Names, true), CancellationToken.None);
        await Opened().History.AddAsync(Authority, new PastOrder(now.AddSeconds(1), "c", false), CancellationToken.None);

        Assert.That(Opened().History.Past(Authority), Is.EqualTo(new[] { new PastOrder(now, Names, true), new PastOrder(now.AddSeconds(1), "c", false) }));
        Assert.That(Opened().History.Past(OtherAuthority), Is.Empty);
    }

    [Test]
    public async Task OldOrdersAreForgotten()
    {
        var history = Opened().History;
        await history.AddAsync(Authority, new PastOrder(Time.GetUtcNow(), "old", true), CancellationToken.None);
        Time.Advance(OrderBudget.Memory);
        await history.AddAsync(Authority, new PastOrder(Time.GetUtcNow(), "new", true), CancellationToken.None);
        Assert.That(Opened().History.Past(Authority).Select(static order => order.Names), Is.EqualTo(new[] { "new" }));
    }

    [Test]
    public async Task WhatAnotherProcessNotesIsSeen()
    {
        var one = Opened().History;
        var other = Opened().History;
        Assert.That((one.Past(Authority).Length, other.FailureOf(Names)), Is.EqualTo((0, (RememberedFailure?)null)));

        await other.AddAsync(Authority, new PastOrder(Time.GetUtcNow(), Names, false), CancellationToken.None);
        await one.NoteFailureAsync(Names, Failure(1), CancellationToken.None);

        Assert.That(one.Past(Authority), Has.Length.EqualTo(1));
        Assert.That(other.FailureOf(Names), Is.EqualTo(Failure(1)));
        await one.AddAsync(Authority, new PastOrder(Time.GetUtcNow(), Names, false), CancellationToken.None);
        Assert.That(other.Past(Authority), Has.Length.EqualTo(2), "nothing of the other's was lost");
    }

    [Test]
    public async Task AFailureIsRememberedWithItsReasonUntilItIsForgotten()
    {
        await Opened().History.NoteFailureAsync(Names, Failure(1), CancellationToken.None);
        await Opened().History.NoteFailureAsync(Names, Failure(2) with { Reason = "it\nsaid\u001b[31m no" }, CancellationToken.None);
        await Opened().History.NoteFailureAsync("other", Failure(1) with { Authority = null }, CancellationToken.None);

        Assert.That(Opened().History.FailureOf(Names), Is.EqualTo(Failure(2) with { Reason = "it; said [31m no" }));
        Assert.That(Opened().History.Failures.Keys, Is.EqualTo(new[] { Names, "other" }));

        await Opened().History.ForgetFailureAsync(Names, CancellationToken.None);
        Assert.That(Opened().History.FailureOf(Names), Is.Null);
        Assert.That(Opened().History.FailureOf("other"), Is.Not.Null);
    }

    [Test]
    public async Task TheOldestFailuresAreForgottenWhenThereAreTooMany()
    {
        StateDirectory.Open(Scratch["state"]);
        var many = string.Join(",", Enumerable.Range(0, OrderHistory.MaxFailures).Select(i =>
            $"\"n{i:D5}\": {{\"count\": 1, \"at\": \"{Time.GetUtcNow().AddSeconds(i):O}\", \"not_before\": null, \"reason\": \"no\", \"authority\": null}}"));
        Scratch.Write("state/acme/history/failures.json", $"{{\"format\": 1, \"failures\": {{{many}}}}}");

        await Opened().History.NoteFailureAsync("a", Failure(1) with { Orders = new FailedOrders(1, Time.GetUtcNow().AddDays(-1)) }, CancellationToken.None);

        var failures = Opened().History.Failures;
        Assert.That((failures.Count, failures.ContainsKey("a"), failures.ContainsKey("n00000"), failures.ContainsKey("n00001")), Is.EqualTo((OrderHistory.MaxFailures, true, false, true)));
    }

    [Test]
    public async Task WhatACaSaidOfARenewalIsRemembered()
    {
        var window = new RememberedWindow(new SuggestedWindow("id", Time.GetUtcNow(), Time.GetUtcNow().AddDays(1)), Time.GetUtcNow().AddHours(6), "https://ca.example/why");
        await Opened().History.NoteWindowAsync("a.example.com", window, CancellationToken.None);
        Assert.That(Opened().History.WindowOf("a.example.com"), Is.EqualTo(window));
        await Opened().History.NoteWindowAsync("a.example.com", null, CancellationToken.None);
        Assert.That(Opened().History.WindowOf("a.example.com"), Is.Null);
    }

    [Test]
    public async Task WhatCannotBeWrittenHoldsAndIsWrittenWithTheNextChange()
    {
        var state = Opened();
        await state.History.NoteFailureAsync(Names, Failure(1), CancellationToken.None);
        // A folder cannot be replaced by a file.
        var file = System.IO.Path.Combine(Path, "history/failures.json");
        File.Delete(file);
        System.IO.Directory.CreateDirectory(System.IO.Path.Combine(file, "in the way"));

        Assert.That(async () => await state.History.NoteFailureAsync(Names, Failure(2), CancellationToken.None), Throws.InstanceOf<IOException>().Or.InstanceOf<UnauthorizedAccessException>());
        Assert.That(state.History.FailureOf(Names)!.Orders.Count, Is.EqualTo(2));
        System.IO.Directory.Delete(file, recursive: true);
        await state.History.ForgetFailureAsync("nobody", CancellationToken.None);

        Assert.That(Opened().History.FailureOf(Names)!.Orders.Count, Is.EqualTo(2));
        Assert.That(Files(), Is.EqualTo(new[] { "history/failures.json" }), "nothing is left behind");
    }

    [TestCase("failures.json", "{\"format\": 1, \"failures\": {\"a\": null}}")]
    [TestCase("failures.json", "{\"format\": 1, \"failures\": {\"a\": {\"count\": 0, \"at\": \"2026-01-01T00:00:00Z\", \"not_before\": null, \"reason\": \"\", \"authority\": null}}}")]
    [TestCase("failures.json", "{\"failures\": {}}")]
    [TestCase("windows.json", "[]")]
    [TestCase("orders-ca.example%2Fdir.json", "{\"format\": 1, \"directory\": \"\", \"orders\": [null]}")]
    [TestCase("orders-ca.example%2Fdir.json", "\0\0\0")]
    public void WhatCannotBeReadIsKeptAside(string file, string text)
    {
        var history = Opened().History;
        Scratch.Write("state/acme/history/" + file, text);

        Assert.That((history.Past(Authority).Length, history.FailureOf("a"), history.WindowOf("a")), Is.EqualTo((0, (RememberedFailure?)null, (RememberedWindow?)null)));
        Assert.That(Scratch.Read($"state/acme/history/{file}.bad"), Is.EqualTo(text));
        Assert.That(Notices, Has.Count.EqualTo(1));
    }

    private RememberedFailure Failure(int count) => new(new FailedOrders(count, Time.GetUtcNow(), Time.GetUtcNow().AddHours(1)), "the CA said no", Authority);
}
