/** Source: region codes in official SDKs and plug-ins; configuration may add others. */
export const KNOWN_REGIONS = [
  'ap-beijing-1',
  'ap-beijing',
  'ap-nanjing',
  'ap-shanghai',
  'ap-guangzhou',
  'ap-chengdu',
  'ap-chongqing',
  'ap-shenzhen-fsi',
  'ap-shanghai-fsi',
  'ap-beijing-fsi',
  'ap-hongkong',
  'ap-singapore',
  'ap-mumbai',
  'ap-jakarta',
  'ap-seoul',
  'ap-bangkok',
  'ap-tokyo',
  'na-siliconvalley',
  'na-ashburn',
  'na-toronto',
  'sa-saopaulo',
  'eu-frankfurt',
  'eu-moscow',
] as const;

/** How a region code is written; true end of text, ASCII only. */
export const REGION_PATTERN = /^[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*$/;
