using System.Buffers;

namespace Sluice.Tests.Channels;

/// <summary>Memory of a caller's, each use of which runs code of the caller's first.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="onUse">The caller's code.</param>
/// <param name="inArray">Whether the memory tells that it is in an array.</param>
internal sealed class CallerMemory(byte[] bytes, Action onUse, bool inArray = false) : MemoryManager<byte>
{
    /// <summary>Creates memory whose uses throw, from one of them on.</summary>
    public static Memory<byte> Failing(int length, int after = 0) => new CallerMemory(new byte[length], () =>
    {
        if (after-- <= 0)
        {
            throw new NotSupportedException("the caller's memory");
        }
    }).Memory;

    // The inherited property uses the memory to find its length.
    public override Memory<byte> Memory => CreateMemory(bytes.Length);

    public override Span<byte> GetSpan()
    {
        onUse();
        return bytes;
    }

    public override MemoryHandle Pin(int elementIndex = 0) => bytes.AsMemory(elementIndex).Pin();

    public override void Unpin()
    {
    }

    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = inArray ? new ArraySegment<byte>(bytes) : default;
        return inArray;
    }

    protected override void Dispose(bool disposing)
    {
    }
}
