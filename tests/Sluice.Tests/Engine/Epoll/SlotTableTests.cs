using Sluice.Engine.Epoll;

namespace Sluice.Tests.Engine.Epoll;

[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class SlotTableTests
{
    private readonly SlotTable _slots = new();

    [Test]
    public void A_slot_whose_handler_is_never_published_is_freed()
    {
        ulong reserved = _slots.Reserve();
        _slots.Release(reserved);
        Assert.That(_slots.Count, Is.Zero);
        Assert.That((uint)_slots.Reserve(), Is.EqualTo((uint)reserved), "the slot of the next handler");
    }

    [Test]
    public void A_second_release_does_not_take_the_slot_from_its_next_handler([Values] bool isPublished)
    {
        ulong first = _slots.Reserve();
        _slots.Release(first);
        var next = new Handler(_slots.Reserve());
        if (isPublished)
        {
            _slots.Publish(next);
        }

        _slots.Release(first);
        Assert.That(_slots.Count, Is.EqualTo(1));
        _slots.Publish(next);
        Assert.That(_slots.Find(next.EventData), Is.SameAs(next));
        Assert.That(_slots.Find(first), Is.Null);
    }

    [Test]
    public void A_table_that_grows_keeps_its_handlers()
    {
        Handler[] handlers = [.. Enumerable.Range(0, 1000).Select(_ => new Handler(_slots.Reserve()))];
        Array.ForEach(handlers, _slots.Publish);
        Assert.That(handlers.Select(handler => _slots.Find(handler.EventData)), Is.EqualTo(handlers));
        Array.ForEach(handlers, handler => _slots.Release(handler.EventData));
        Assert.That(_slots.Count, Is.Zero);
    }

    private sealed class Handler(ulong eventData) : IEpollHandler
    {
        public ulong EventData => eventData;

        public void OnEvents(uint events)
        {
        }
    }
}
