using System.Runtime.InteropServices;

namespace EdgeFleet.Shared.Models;

/// <summary>
/// The few C functions of SkiaSharp's native library that decode an image (its <c>sk_codec.h</c> and <c>sk_data.h</c>). The library's version is pinned with
/// SkiaSharp's, and a test holds what comes out against SkiaSharp's own objects.
/// </summary>
internal static unsafe partial class SkiaCodec
{
    /// <summary>Four bytes a pixel: red, green, blue, alpha.</summary>
    internal const int Rgba8888 = 4;

    /// <summary>Colours are not multiplied by alpha.</summary>
    internal const int Unpremultiplied = 3;

    /// <summary>The whole image was decoded.</summary>
    internal const int Success = 0;

    private const string Library = "libSkiaSharp";

    /// <summary>Wraps bytes without copying them; they must outlive the data.</summary>
    [LibraryImport(Library, EntryPoint = "sk_data_new_with_proc")]
    internal static partial nint NewData(byte* bytes, nuint length, void* release, void* context);

    /// <summary>Lets data go.</summary>
    [LibraryImport(Library, EntryPoint = "sk_data_unref")]
    internal static partial void Unref(nint data);

    /// <summary>Reads a header; 0 when it cannot be. The codec holds the data.</summary>
    [LibraryImport(Library, EntryPoint = "sk_codec_new_from_data")]
    internal static partial nint NewCodec(nint data);

    /// <summary>Frees a codec.</summary>
    [LibraryImport(Library, EntryPoint = "sk_codec_destroy")]
    internal static partial void Destroy(nint codec);

    /// <summary>What the header says.</summary>
    [LibraryImport(Library, EntryPoint = "sk_codec_get_info")]
    internal static partial void GetInfo(nint codec, out Info info);

    /// <summary>Decodes with the default options, which a null stands for.</summary>
    [LibraryImport(Library, EntryPoint = "sk_codec_get_pixels")]
    internal static partial int GetPixels(nint codec, in Info info, byte* pixels, nuint rowBytes, void* options);

    /// <summary>The library's <c>sk_imageinfo_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Info(nint ColourSpace, int Width, int Height, int ColourType, int AlphaType);
}
