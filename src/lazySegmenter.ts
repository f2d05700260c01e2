/**
 * Stands for Intl.Segmenter in the bundles: packages make one when they are
 * loaded, which takes a third of the time in which Node starts, and measure ASCII
 * without it.
 */
const { Segmenter } = Intl;

export class LazySegmenter {
  private readonly options: ConstructorParameters<typeof Segmenter>;
  private made: Intl.Segmenter | undefined;

  constructor(...options: ConstructorParameters<typeof Segmenter>) {
    this.options = options;
  }

  segment(text: string): Intl.Segments {
    this.made ??= new Segmenter(...this.options);
    return this.made.segment(text);
  }
}
