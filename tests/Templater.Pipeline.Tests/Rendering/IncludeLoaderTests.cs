using System.Collections.Concurrent;
using Templater.Pipeline.Rendering.Templates;

namespace Templater.Pipeline.Tests.Rendering;

public sealed class IncludeLoaderTests
{
    private const int Names = 50;

    // Renders of one template may run at once, and share the loader.
    [Test]
    public void EachFileIsReadOnceHoweverManyAskAtOnce()
    {
        var files = new CountingFiles();
        var loader = new IncludeLoader(files, "/templates/main.scriban", isShipped: false, includeDirectory: null);
        var texts = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);

        Parallel.For(0, 2_000, i =>
        {
            var name = $"part{i % Names}";
            var loaded = loader.Load(name, "/templates/main.scriban")!;
            Assert.That(texts.GetOrAdd(name, loaded.Text), Is.EqualTo(loaded.Text));
            Assert.That(loader.Texts, Is.Not.Empty);
            Assert.That(loader.Problem, Is.Null);
        });

        Assert.That(files.Reads, Has.Count.EqualTo(Names).And.All.Matches<KeyValuePair<string, int>>(read => read.Value == 1));
        Assert.That(loader.Paths, Has.Count.EqualTo(Names));
    }

    private sealed class CountingFiles : ITemplateFiles
    {
        public ConcurrentDictionary<string, int> Reads { get; } = new(StringComparer.Ordinal);

        // Who reads it twice gets two texts.
        public string Read(string path) => path + Reads.AddOrUpdate(path, 1, static (_, count) => count + 1);

        public string Resolve(string path) => path;
    }
}
